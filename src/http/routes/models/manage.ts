import { Type } from 'typebox';
import { problem } from '../../../core/errors.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { ModelParams } from '../../path-id.ts';

const KeepVersions = Type.Union([Type.Integer({ minimum: 1, maximum: 100_000 }), Type.Null()], {
  'x-must-be': 'a whole number from 1 to 100000, or null',
  description:
    'How many of the newest versions are kept, beside those with aliases or tags, the one that each alias had before, the one that an alias had that was removed within the last day, and those that jobs and schedules need. null: as KEEP_VERSIONS says.',
});
const Settings = Type.Object({ model: Type.String(), keepVersions: KeepVersions });
const SETTINGS = { model: 'movies', keepVersions: 10 };

const readSettings = {
  operationId: 'getModelSettings',
  tags: ['models'],
  summary: 'Read the settings of a model',
  description: 'How many of its versions are kept.',
  params: ModelParams,
  response: { 200: json('The settings.', Settings, { 'ten versions': SETTINGS }) },
  problems: { 'not-found': 'There is no model "films".' },
};

const changeSettings = {
  operationId: 'changeModelSettings',
  tags: ['models'],
  summary: 'Change the settings of a model',
  description: 'Workers delete what is no longer kept, within the hour.',
  params: ModelParams,
  body: Type.Object({ keepVersions: KeepVersions }, { additionalProperties: false }),
  examples: { 'ten versions': { keepVersions: 10 }, 'as the installation says': { keepVersions: null } },
  response: { 200: json('As they are now.', Settings, { 'ten versions': SETTINGS }) },
  problems: {
    'invalid-request': 'keepVersions must be a whole number from 1 to 100000, or null; got 0.',
    'not-found': 'There is no model "films".',
  },
};

const deleteModel = {
  operationId: 'deleteModel',
  tags: ['models'],
  summary: 'Delete a model',
  description:
    'All of its versions, its settings and its serving policy. Remove its aliases first: a model that answers somebody is not deleted by accident. Numbers of versions go on where a model of this name comes back.',
  params: ModelParams,
  response: { 204: noContent('Deleted.') },
  problems: {
    'not-found': 'There is no model "films".',
    conflict: 'The model movies is needed by alias stable, schedule sch_01kq3v5yqk8r7m2d9xw4t6b1ce.',
  },
};

export function manageModelRoutes({ store: { models }, queue }: Pick<AppDeps, 'store' | 'queue'>) {
  const requireModel = async (name: string) => {
    if ((await models.versions(name)).length === 0) throw noModel(name);
  };
  return async (app: App): Promise<void> => {
    app.get('/models/:name/settings', {
      config: { scope: 'read' },
      schema: readSettings,
      handler: async ({ params: { name } }) => {
        await requireModel(name);
        return { model: name, keepVersions: await models.keeps(name) };
      },
    });

    app.patch('/models/:name/settings', {
      config: { scope: 'admin' },
      schema: changeSettings,
      handler: async ({ params: { name }, body: { keepVersions } }) => {
        await requireModel(name);
        await models.setKeeps(name, keepVersions);
        return { model: name, keepVersions };
      },
    });

    app.delete('/models/:name', {
      config: { scope: 'admin' },
      schema: deleteModel,
      handler: async ({ params: { name } }, reply) => {
        if ((await models.removeModel(name)) === 0) throw noModel(name);
        await queue.signals.publish({ kind: 'models' });
        return reply.code(204).send(null);
      },
    });
  };
}

function noModel(name: string) {
  return problem('not-found', `There is no model ${JSON.stringify(name)}.`);
}
