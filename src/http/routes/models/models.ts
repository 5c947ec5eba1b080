import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import { Model, ModelVersion, type RegisteredVersion } from '../../../domain/answers/model.ts';
import { Page, PageQuery } from '../../../domain/base/page.ts';
import { Report } from '../../../domain/reports/report.ts';
import { currentReport } from '../../../evaluation/upgrade/upgrade-report.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';
import { MODEL, VERSION } from '../../docs/examples.ts';
import { REPORT } from '../../docs/report-example.ts';
import { ModelParams, VersionParams } from '../../path-id.ts';
import { fileOfVersion } from '../../served-file.ts';

const listModels = {
  operationId: 'listModels',
  tags: ['models'],
  summary: 'List models',
  description: 'By name, each with its versions and whether this process serves them.',
  querystring: Type.Object(
    {
      ...PageQuery.properties,
      versions: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 1000,
          description:
            'At most so many versions of each, the newest; all of them without it. GET /models/{name}/versions has them in pages.',
          examples: [1],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: json('A page of models.', Page(Model), { 'one model': { data: [MODEL], nextCursor: null } }),
  },
  problems: {
    'invalid-request': 'limit must be a whole number from 1 to 1000; got 0.',
  },
};

const getModel = {
  operationId: 'getModel',
  tags: ['models'],
  summary: 'Read a model with its versions',
  description: 'The versions, newest first, and where its aliases point.',
  params: ModelParams,
  response: {
    200: json('The model.', Model, { 'a model with one version': MODEL }),
  },
  problems: { 'not-found': 'There is no model "films".' },
};

const getModelVersion = {
  operationId: 'getModelVersion',
  tags: ['models'],
  summary: 'Read a version of a model',
  description: 'What was trained, how large it is, and whether this process serves it.',
  params: VersionParams,
  response: {
    200: json('The version.', ModelVersion, { 'the version that is live': VERSION }),
  },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'The model "movies" has no version 9; its versions are 1 to 4.',
  },
};

const getReport = {
  operationId: 'getReport',
  tags: ['models'],
  summary: 'Read the fidelity report of a version',
  description:
    'What the student kept of its teacher, beside models without a teacher and a baseline: the same shape for every task. Reports of earlier releases are answered in this shape as far as they go.',
  params: VersionParams,
  response: {
    200: json('The report.', Report, { 'a report of rankings': REPORT }),
  },
  problems: {
    'invalid-request': 'version must be a whole number from 1 to 2147483647; got "latest".',
    'not-found': 'The model "movies" has no version 9.',
    conflict: 'Version 4 of movies is damaged: report.json is missing.',
  },
};

export function modelRoutes({ store, artifacts, models }: Pick<AppDeps, 'store' | 'artifacts' | 'models'>) {
  return async (app: App): Promise<void> => {
    app.get('/models', {
      config: { scope: 'read' },
      schema: listModels,
      handler: async (request) => {
        const { limit = 50, cursor, versions } = request.query;
        const names = (await store.models.names())
          .sort()
          .filter((name) => cursor === undefined || name > cursor);
        const page = names.slice(0, limit);
        const data = await Promise.all(
          page.map(async (name) => {
            const model = describe(name, await store.models.versions(name));
            return { ...model, versions: model.versions.slice(0, versions) };
          }),
        );
        return { data, nextCursor: names.length > limit ? page.at(-1) : null };
      },
    });

    app.get('/models/:name', {
      config: { scope: 'read' },
      schema: getModel,
      handler: async (request) => {
        const { name } = request.params;
        const versions = await store.models.versions(name);
        if (versions.length === 0) throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
        return describe(name, versions);
      },
    });

    app.get('/models/:name/versions/:version', {
      config: { scope: 'read' },
      schema: getModelVersion,
      handler: async (request) => withServing(await findVersion(request.params.name, request.params.version)),
    });

    app.get('/models/:name/versions/:version/report', {
      config: { scope: 'read', etag: true },
      schema: getReport,
      handler: async (request, reply) => {
        const version = await findVersion(request.params.name, request.params.version);
        const report = await fileOfVersion(artifacts, version, 'report.json');
        return reply.type('application/json').send(currentReport(report));
      },
    });
  };

  async function findVersion(name: string, version: number): Promise<RegisteredVersion> {
    const found = await store.models.get(name, version);
    if (found) return found;
    const versions = await store.models.versions(name);
    if (versions.length === 0) throw problem('not-found', `There is no model ${JSON.stringify(name)}.`);
    const newest = Math.max(...versions.map((known) => known.version));
    throw problem(
      'not-found',
      `The model ${JSON.stringify(name)} has no version ${version}; the newest is ${newest}.`,
    );
  }

  function withServing(version: RegisteredVersion): ModelVersion {
    return { ...version, serving: models.status(version.model, version.version) };
  }

  function describe(name: string, versions: RegisteredVersion[]): Model {
    const newestFirst = versions.toSorted((a, b) => b.version - a.version).map(withServing);
    const aliases = newestFirst.flatMap(({ aliases, version }) =>
      aliases.map((alias) => [alias, version] as const),
    );
    return { name, aliases: Object.fromEntries(aliases), versions: newestFirst };
  }
}
