import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { ModelVersion, VersionName, VersionTag } from '../../../domain/answers/model.ts';
import { AliasName } from '../../../domain/base/alias-name.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { VERSION } from '../../docs/examples.ts';
import { ModelParams, VersionParams } from '../../path-id.ts';

const NO_VERSION = 'The model "movies" has no version 9.';

const listVersions = {
  operationId: 'listVersions',
  tags: ['models'],
  summary: 'List versions of a model',
  description: 'The newest first. Filters hold together: tag, alias, and whether the gate let them through.',
  params: ModelParams,
  querystring: Type.Object(
    {
      ...PageQuery.properties,
      tag: Type.Optional(Type.Unsafe<string>({ ...VersionTag, description: 'Only those with this tag.' })),
      alias: Type.Optional(
        Type.Unsafe<string>({ ...AliasName, description: 'Only the one behind this alias.' }),
      ),
      promoted: Type.Optional(
        Type.Boolean({
          description: 'Only those that their gate let take the alias, or only those that it refused.',
          examples: [true],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: json('A page of versions.', Page(ModelVersion), {
      'one version': { data: [VERSION], nextCursor: null },
    }),
  },
  problems: {
    'invalid-request': 'promoted must be true or false; got "yes".',
    'not-found': 'There is no model "films".',
  },
};

const changeVersion = {
  operationId: 'changeVersion',
  tags: ['models'],
  summary: 'Tag a version, or note something with it',
  description: 'Retention keeps versions with tags. What is left out stays; a note of null is removed.',
  params: VersionParams,
  body: Type.Object(
    {
      tags: Type.Optional(Type.Array(VersionTag, { maxItems: 32, description: 'All tags from now on.' })),
      note: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 2000 }), Type.Null()])),
    },
    { additionalProperties: false },
  ),
  examples: { 'an audited version': { tags: ['audited'], note: 'checked by the editors' } },
  response: {
    200: json('As it is now.', ModelVersion, {
      'an audited version': { ...VERSION, tags: ['audited'], note: 'checked by the editors' },
    }),
  },
  problems: {
    'invalid-request':
      'tags[0] must be text of 1-64 letters of any script, digits, dots, underscores, colons and hyphens that begins with a letter or a digit; got "a b".',
    'not-found': NO_VERSION,
  },
};

const deleteVersion = {
  operationId: 'deleteVersion',
  tags: ['models'],
  summary: 'Delete a version',
  description:
    'Its artifact is removed in the background, once no running job can be reading it. Its number is not used again.',
  params: VersionParams,
  response: { 204: noContent('Deleted.') },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': NO_VERSION,
    conflict: 'Version 3 of movies is needed by alias stable, job job_01kq3v5yqk8r7m2d9xw4t6b1ce.',
  },
};

const Lineage = Type.Object({
  model: Type.String(),
  version: Type.Integer(),
  teachers: Type.Array(VersionName, { description: 'Versions that taught it; they may be deleted since.' }),
  students: Type.Array(VersionName, { description: 'Versions that it taught.' }),
  replaced: Type.Union([Type.Integer(), Type.Null()], {
    description: 'The version that it was measured against and took the place of.',
  }),
  successors: Type.Array(Type.Integer(), { description: 'Versions that took its place.' }),
});
const LINEAGE = {
  model: 'movies',
  version: 4,
  teachers: [{ model: 'movies', version: 3 }],
  students: [],
  replaced: 3,
  successors: [5],
};

const getLineage = {
  operationId: 'getLineage',
  tags: ['models'],
  summary: 'Read where a version comes from and what came of it',
  description:
    'Teachers and students among versions, the version that it replaced and those that replaced it.',
  params: VersionParams,
  response: { 200: json('The lineage.', Lineage, { 'a renewed version': LINEAGE }) },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': NO_VERSION,
  },
};

export function versionRoutes({ store, models, queue }: Pick<AppDeps, 'store' | 'models' | 'queue'>) {
  const registry = store.models;
  return async (app: App): Promise<void> => {
    app.get('/models/:name/versions', {
      config: { scope: 'read' },
      schema: listVersions,
      handler: async ({ params: { name }, query: { limit = 50, cursor, tag, alias, promoted } }) => {
        const versions = await registry.versions(name);
        if (versions.length === 0) throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        const before = cursor === undefined ? Number.POSITIVE_INFINITY : versionOf(cursor);
        const found = versions.filter(
          (one) =>
            one.version < before &&
            (tag === undefined || one.tags?.includes(tag)) &&
            (alias === undefined || one.aliases.includes(alias)) &&
            (promoted === undefined || one.promotion?.promoted === promoted),
        );
        const data = found
          .slice(0, limit)
          .map((one) => ({ ...one, serving: models.status(one.model, one.version) }));
        return { data, nextCursor: found.length > limit ? String(data.at(-1)!.version) : null };
      },
    });

    app.patch('/models/:name/versions/:version', {
      config: { scope: 'train' },
      schema: changeVersion,
      handler: async ({ params: { name, version }, body }) => {
        const changed = await registry.annotate(name, version, body);
        if (!changed) throw noVersion(name, version);
        return { ...changed, serving: models.status(name, version) };
      },
    });

    app.delete('/models/:name/versions/:version', {
      config: { scope: 'admin' },
      schema: deleteVersion,
      handler: async ({ params: { name, version } }, reply) => {
        if (!(await registry.removeVersion(name, version))) throw noVersion(name, version);
        await queue.signals.publish({ kind: 'models' });
        return reply.code(204).send(null);
      },
    });

    app.get('/models/:name/versions/:version/lineage', {
      config: { scope: 'read' },
      schema: getLineage,
      handler: async ({ params: { name, version } }) => {
        const found = await registry.get(name, version);
        if (!found) throw noVersion(name, version);
        const { promotion, taughtBy = [] } = found;
        return {
          model: name,
          version,
          teachers: taughtBy,
          students: await registry.taught(name, version),
          replaced: promotion?.promoted ? promotion.comparedWith : null,
          successors: await registry.successors(name, version),
        };
      },
    });
  };
}

function noVersion(name: string, version: number) {
  return problem('not-found', `The model ${JSON.stringify(name)} has no version ${version}.`);
}

function versionOf(cursor: string): number {
  if (/^\d{1,10}$/.test(cursor)) return Number(cursor);
  throw problem(
    'invalid-request',
    `cursor must be the nextCursor of the page before; got ${JSON.stringify(cursor)}.`,
  );
}
