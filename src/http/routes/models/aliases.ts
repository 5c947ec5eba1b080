import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { ModelParams, VersionParams } from '../../path-id.ts';
import { AliasView } from '../../views.ts';
import {
  AliasParams,
  Conditions,
  checkPreconditions,
  etagOf,
  Reason,
  requireReason,
  viewAlias,
} from './alias-view.ts';

const ALIAS = { model: 'movies', alias: 'stable', version: 3, updatedAt: '2026-03-01T12:00:00.000Z' };

const NewAlias = Type.Object(
  { version: VersionParams.properties.version, reason: Type.Optional(Reason) },
  { additionalProperties: false },
);

const listAliases = {
  operationId: 'listAliases',
  tags: ['models'],
  summary: 'List the aliases of a model',
  description: 'By name, where each points, with the ETag for If-Match of its next change.',
  params: ModelParams,
  response: {
    200: json(
      'The aliases.',
      Type.Object({
        data: Type.Array(
          Type.Object({
            ...AliasView.properties,
            etag: Type.String({ description: 'The ETag that GET of the alias has.' }),
          }),
        ),
      }),
      { 'one alias': { data: [{ ...ALIAS, etag: '"3-1772366400000"' }] } },
    ),
  },
  problems: { 'not-found': 'There is no model "films".' },
};

const getAlias = {
  operationId: 'getAlias',
  tags: ['models'],
  summary: 'Read where an alias points',
  description: 'The ETag is for If-Match of the next PUT.',
  params: AliasParams,
  response: { 200: json('The alias.', AliasView, { 'the stable version': ALIAS }, ['ETag']) },
  problems: { 'not-found': 'The model "movies" has no alias "trial".' },
};

const putAlias = {
  operationId: 'putAlias',
  tags: ['models'],
  summary: 'Point an alias at a version',
  description:
    'Promotes a version or rolls back to one: pointing `stable` at it makes it live in every api process as soon as it is loaded and verified; on any failure the former one goes on serving. A version that its gate has refused is promoted against it only with a reason. With If-Match only if the alias is still as it was read, with If-None-Match: * only if there is none.',
  params: AliasParams,
  headers: Conditions,
  body: NewAlias,
  examples: {
    'version 3': { version: 3 },
    'against the gate': { version: 5, reason: 'the test was too small, and the list looks right' },
  },
  response: { 200: json('The alias as it is now.', AliasView, { 'the stable version': ALIAS }, ['ETag']) },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'The model "movies" has no version 9.',
    'precondition-failed': 'The alias was changed since it was read; read it again.',
  },
};

const deleteAlias = {
  operationId: 'deleteAlias',
  tags: ['models'],
  summary: 'Remove an alias',
  description:
    'The version stays. Without the alias stable popularity answers for the model, and `reason` says so. Its history stays, and retention keeps the version that it had for a day, so that it can be put back.',
  params: AliasParams,
  headers: Conditions,
  querystring: Type.Object({ reason: Type.Optional(Reason) }, { additionalProperties: false }),
  response: { 204: noContent('Removed.') },
  problems: {
    'invalid-request': 'reason must be text of 3-500 characters, blanks around it not counted; got "x".',
    'not-found': 'The model "movies" has no alias "trial".',
    conflict: 'The alias "stable" of movies is needed by schedule sch_01kq3v5yqk8r7m2d9xw4t6b1ce.',
    'precondition-failed': 'The alias was changed since it was read; read it again.',
  },
};

export function modelAliasRoutes({ store: { models }, queue }: Pick<AppDeps, 'store' | 'queue'>) {
  return async (app: App): Promise<void> => {
    app.get('/models/:name/aliases', {
      config: { scope: 'read' },
      schema: listAliases,
      handler: async ({ params: { name } }) => {
        const found = await models.aliases(name);
        if (found.length === 0 && (await models.versions(name)).length === 0) {
          throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        }
        return {
          data: found.map((one) => ({ ...viewAlias(name, one.alias, one), etag: etagOf(one) })),
        };
      },
    });

    app.get('/models/:name/aliases/:alias', {
      config: { scope: 'read' },
      schema: getAlias,
      handler: async (request, reply) => {
        const { name, alias } = request.params;
        const found = await models.alias(name, alias);
        if (!found) throw noAlias(name, alias);
        reply.header('etag', etagOf(found));
        return viewAlias(name, alias, found);
      },
    });

    app.put('/models/:name/aliases/:alias', {
      config: { scope: 'publish' },
      schema: putAlias,
      handler: async (request, reply) => {
        const { name, alias } = request.params;
        const { version, reason } = request.body;
        const found = await models.get(name, version);
        if (!found) {
          throw problem('not-found', `The model ${JSON.stringify(name)} has no version ${version}.`);
        }
        requireReason(found, alias, `take ${alias}`, reason, request.scopes);
        const before = await models.alias(name, alias);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkPreconditions(before, ifMatch, ifNoneMatch);
        const isConditional = ifMatch !== undefined || ifNoneMatch !== undefined;
        const by = { keyId: request.keyId, reason: reason?.trim() };
        if (!(await models.setAlias(name, alias, version, isConditional ? before : undefined, by))) {
          throw problem('precondition-failed', 'The alias was changed at the same time; read it again.');
        }
        await queue.signals.publish({ kind: 'models' });
        const after = (await models.alias(name, alias))!;
        reply.header('etag', etagOf(after));
        return viewAlias(name, alias, after);
      },
    });

    app.delete('/models/:name/aliases/:alias', {
      config: { scope: 'publish' },
      schema: deleteAlias,
      handler: async (request, reply) => {
        const { name, alias } = request.params;
        const before = await models.alias(name, alias);
        if (!before) throw noAlias(name, alias);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkPreconditions(before, ifMatch, ifNoneMatch);
        const by = { keyId: request.keyId, reason: request.query.reason?.trim() };
        if (!(await models.removeAlias(name, alias, before, by))) {
          throw problem('precondition-failed', 'The alias was changed at the same time; read it again.');
        }
        await queue.signals.publish({ kind: 'models' });
        return reply.code(204).send(null);
      },
    });
  };
}

function noAlias(name: string, alias: string) {
  return problem('not-found', `The model ${JSON.stringify(name)} has no alias ${JSON.stringify(alias)}.`);
}
