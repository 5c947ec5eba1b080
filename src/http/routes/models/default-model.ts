import { problem } from '../../../core/errors.ts';
import { DefaultModels, NewDefaultModel } from '../../../domain/answers/default-model.ts';
import { DEFAULT_ALIAS } from '../../../domain/jobs/distillation-spec.ts';
import { kindOfArtifact } from '../../../serving/models/kinds.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json } from '../../docs/documentation.ts';

const EXAMPLE: DefaultModels = {
  recommend: { model: 'movies', from: 'first' },
  labels: { model: null, from: null },
  warnings: [],
};

const answer = { 200: json('The models as they are now.', DefaultModels, { 'the first model': EXAMPLE }) };

const getDefault = {
  operationId: 'getDefaultModel',
  tags: ['models'],
  summary: 'Read which models answer by default',
  description:
    'For requests without `model`: the model that was chosen here, else that of the setting DEFAULT_MODEL, else the one that went live first. A further model changes nothing for them.',
  response: answer,
  problems: {},
};

const putDefault = {
  operationId: 'putDefaultModel',
  tags: ['models'],
  summary: 'Choose the model that answers by default',
  description:
    'From the next request on, in every api process within a second or so. A model that predicts labels becomes the default of POST /labels, any other one that of recommendations. It goes before DEFAULT_MODEL.',
  body: NewDefaultModel,
  examples: { movies: { model: 'movies' } },
  response: answer,
  problems: {
    'invalid-request':
      'model is missing; it must be a name of 1-64 small letters, digits, dots, hyphens and underscores that begins with a letter or a digit, such as movies.',
    'not-found': 'There is no model "films"; there are: movies.',
    conflict: 'No version of model movies is live; point its alias stable at one first.',
  },
};

const deleteDefault = {
  operationId: 'deleteDefaultModel',
  tags: ['models'],
  summary: 'Forget which models were chosen',
  description: 'DEFAULT_MODEL decides again, or else which model went live first.',
  response: answer,
  problems: {},
};

type Deps = Pick<AppDeps, 'store' | 'artifacts' | 'models' | 'queue'>;

export function defaultModelRoutes({ store, artifacts, models, queue }: Deps) {
  /** This process answers by it from now on, other ones when they hear of it. */
  async function changed(): Promise<DefaultModels> {
    await queue.signals.publish({ kind: 'models' });
    await models.refresh();
    return models.defaults();
  }

  return async (app: App): Promise<void> => {
    app.get('/default-model', {
      config: { scope: 'read' },
      schema: getDefault,
      handler: async () => models.defaults(),
    });

    app.put('/default-model', {
      config: { scope: 'publish' },
      schema: putDefault,
      handler: async (request) => {
        const { model } = request.body;
        const live = await store.models.resolve(model, DEFAULT_ALIAS);
        if (!live) throw await whyNot(store, model);
        await store.models.setDefault(await kindOfArtifact(artifacts, live.artifact), model);
        return changed();
      },
    });

    app.delete('/default-model', {
      config: { scope: 'publish' },
      schema: deleteDefault,
      handler: async () => {
        await store.models.setDefault('items', null);
        await store.models.setDefault('labels', null);
        return changed();
      },
    });
  };
}

async function whyNot(store: Deps['store'], model: string) {
  const names = await store.models.names();
  return names.includes(model)
    ? problem(
        'conflict',
        `No version of model ${model} is live; point its alias ${DEFAULT_ALIAS} at one first.`,
      )
    : problem(
        'not-found',
        `There is no model ${JSON.stringify(model)}; there ${names.length > 0 ? `are: ${names.join(', ')}` : 'is none yet'}.`,
        { models: names },
      );
}
