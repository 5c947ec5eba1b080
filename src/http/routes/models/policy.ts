import { problem } from '../../../core/errors.ts';
import {
  NewServingPolicy,
  ROTATION_DAYS,
  ServingPolicy,
  type StoredPolicy,
} from '../../../domain/answers/serving-policy.ts';
import { createInstalledEvents } from '../../../serving/views/installed-events.ts';
import type { App } from '../../app-type.ts';
import type { AppDeps } from '../../deps.ts';
import { json, noContent } from '../../docs/documentation.ts';
import { ModelParams } from '../../path-id.ts';

const EXAMPLE: ServingPolicy = {
  model: 'movies',
  seenTypes: ['purchase'],
  maxImpressions: 3,
  rotationDays: 7,
  updatedAt: '2026-03-01T12:00:00.000Z',
};
const answer = { 200: json('The policy.', ServingPolicy, { 'purchases hide, clicks do not': EXAMPLE }) };
const missing = { 'not-found': 'There is no model "films".' };

const getPolicy = {
  operationId: 'getServingPolicy',
  tags: ['models'],
  summary: 'Read the policy of a model',
  description: 'What holds for all its recommendations; null for what nobody has said.',
  params: ModelParams,
  response: answer,
  problems: missing,
};

const putPolicy = {
  operationId: 'putServingPolicy',
  tags: ['models'],
  summary: 'Say what holds for all answers of a model',
  description:
    'In place of the policy of before, from the next request on. seenTypes says which interactions hide an item from later lists, maxImpressions and rotationDays how often it may be shown without a reaction. A request may say otherwise under the same names.',
  params: ModelParams,
  body: NewServingPolicy,
  examples: { 'purchases hide, clicks do not': { seenTypes: ['purchase'], maxImpressions: 3 } },
  response: answer,
  problems: {
    ...missing,
    'invalid-request': 'rotationDays needs maxImpressions: how often an item may be shown within these days.',
  },
};

const deletePolicy = {
  operationId: 'deleteServingPolicy',
  tags: ['models'],
  summary: 'Forget the policy of a model',
  description:
    'The declarations of the types of interactions decide again, and items may be shown ever so often.',
  params: ModelParams,
  response: { 204: noContent('Gone, or there was none.') },
  problems: missing,
};

type Deps = Pick<AppDeps, 'store' | 'installedEvents'>;

export function policyRoutes({ store, installedEvents = createInstalledEvents(store.eventTypes) }: Deps) {
  async function refuseUnknown(model: string): Promise<void> {
    const names = await store.models.names();
    if (!names.includes(model)) throw problem('not-found', `There is no model ${JSON.stringify(model)}.`);
  }

  return async (app: App): Promise<void> => {
    app.get('/models/:name/policy', {
      config: { scope: 'read' },
      schema: getPolicy,
      handler: async (request) => {
        const { name } = request.params;
        await refuseUnknown(name);
        const stored = (await store.policies.list()).find(({ model }) => model === name);
        return viewPolicy(stored ?? { model: name, updatedAt: null });
      },
    });

    app.put('/models/:name/policy', {
      config: { scope: 'admin' },
      schema: putPolicy,
      handler: async (request) => {
        const { name } = request.params;
        await refuseUnknown(name);
        const policy = request.body;
        if (policy.rotationDays !== undefined && policy.maxImpressions === undefined) {
          throw problem(
            'invalid-request',
            'rotationDays needs maxImpressions: how often an item may be shown within these days.',
          );
        }
        const [known, installed] = [await store.interactions.types(), await installedEvents.get()];
        const unheard = (policy.seenTypes ?? []).filter(
          (type) => !known.includes(type) && installed(type) === null,
        );
        const stored = await store.policies.put(name, policy);
        return {
          ...viewPolicy(stored),
          ...(unheard.length > 0 && {
            warnings: unheard.map(
              (type) => `seenTypes: no interaction has the type ${type}, and nobody has declared it.`,
            ),
          }),
        };
      },
    });

    app.delete('/models/:name/policy', {
      config: { scope: 'admin' },
      schema: deletePolicy,
      handler: async (request, reply) => {
        await refuseUnknown(request.params.name);
        await store.policies.remove(request.params.name);
        return reply.code(204).send(null);
      },
    });
  };
}

function viewPolicy({
  model,
  seenTypes,
  maxImpressions,
  rotationDays,
  updatedAt,
}: Omit<StoredPolicy, 'updatedAt'> & { updatedAt: number | null }): ServingPolicy {
  return {
    model,
    seenTypes: seenTypes ?? null,
    maxImpressions: maxImpressions ?? null,
    rotationDays: maxImpressions === undefined ? null : (rotationDays ?? ROTATION_DAYS),
    updatedAt: updatedAt === null ? null : new Date(updatedAt).toISOString(),
  };
}
