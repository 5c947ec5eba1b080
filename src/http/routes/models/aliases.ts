import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { AliasName } from '../../../domain/base/alias-name.ts';
import type { Alias } from '../../../store/registry/contract.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { ModelParams, VersionParams } from '../../path-id.ts';
import { AliasView } from '../../views.ts';

const AliasParams = Type.Object({
  ...ModelParams.properties,
  alias: Type.Unsafe<string>({
    ...AliasName,
    description: 'Requests without a version are answered by the version behind `stable`.',
  }),
});
const Conditions = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'Only if the alias is as it was when this ETag was read; * for any.',
      examples: ['"3-1772366400000"'],
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({
      description: 'Only if the alias is not as this ETag says; * if there is none.',
      examples: ['*'],
    }),
  ),
});
const ALIAS = { model: 'movies', alias: 'stable', version: 3, updatedAt: '2026-03-01T12:00:00.000Z' };

const NewAlias = Type.Object({ version: VersionParams.properties.version }, { additionalProperties: false });

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
    'Promotes a version or rolls back to one: pointing `stable` at it makes it live in every api process as soon as it is loaded and verified; on any failure the former one goes on serving. With If-Match only if the alias is still as it was read, with If-None-Match: * only if there is none.',
  params: AliasParams,
  headers: Conditions,
  body: NewAlias,
  examples: { 'version 3': { version: 3 } },
  response: { 200: json('The alias as it is now.', AliasView, { 'the stable version': ALIAS }, ['ETag']) },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'The model "movies" has no version 9.',
    'precondition-failed': 'The alias was changed since it was read; read it again.',
  },
};

export function modelAliasRoutes({ store: { models }, queue }: Pick<AppDeps, 'store' | 'queue'>) {
  return async (app: App): Promise<void> => {
    app.get('/models/:name/aliases/:alias', {
      config: { scope: 'read' },
      schema: getAlias,
      handler: async (request, reply) => {
        const { name, alias } = request.params;
        const found = await models.alias(name, alias);
        if (!found) {
          throw problem(
            'not-found',
            `The model ${JSON.stringify(name)} has no alias ${JSON.stringify(alias)}.`,
          );
        }
        reply.header('etag', etagOf(found));
        return view(name, alias, found);
      },
    });

    app.put('/models/:name/aliases/:alias', {
      config: { scope: 'admin' },
      schema: putAlias,
      handler: async (request, reply) => {
        const { name, alias } = request.params;
        const { version } = request.body;
        if (!(await models.get(name, version))) {
          throw problem('not-found', `The model ${JSON.stringify(name)} has no version ${version}.`);
        }
        const before = await models.alias(name, alias);
        const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
        checkPreconditions(before, ifMatch, ifNoneMatch);
        const isConditional = ifMatch !== undefined || ifNoneMatch !== undefined;
        if (!(await models.setAlias(name, alias, version, isConditional ? before : undefined))) {
          throw problem('precondition-failed', 'The alias was changed at the same time; read it again.');
        }
        await queue.signals.publish({ kind: 'models' });
        const after = (await models.alias(name, alias))!;
        reply.header('etag', etagOf(after));
        return view(name, alias, after);
      },
    });
  };
}

function checkPreconditions(before: Alias | null, ifMatch?: string, ifNoneMatch?: string): void {
  const matches = (list: string) =>
    list.trim() === '*'
      ? before !== null
      : before !== null && list.split(',').some((tag) => tag.trim() === etagOf(before));
  if (ifMatch !== undefined && !matches(ifMatch)) {
    throw problem('precondition-failed', 'The alias is not what If-Match says; read it again.');
  }
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) {
    throw problem(
      'precondition-failed',
      'The alias is there already, and If-None-Match says it must not be.',
    );
  }
}

function etagOf({ version, updatedAt }: Alias): string {
  return `"${version}-${updatedAt}"`;
}

function view(model: string, alias: string, { version, updatedAt }: Alias) {
  return { model, alias, version, updatedAt: new Date(updatedAt).toISOString() };
}
