import { Type } from 'typebox';
import { AppError, problem } from '../../core/errors.ts';
import type { ModelVersion } from '../../domain/answers/model.ts';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

const Ready = Type.Object({
  status: Type.Enum(['ready']),
  warnings: Type.Array(Type.String(), { description: 'What does not work now, though recommendations do.' }),
  store: Type.Enum(['up']),
  queue: Type.Enum(['up', 'down']),
  models: Type.Array(Type.Object({ model: Type.String(), version: Type.Integer() }), {
    description: 'What this process serves.',
  }),
});

const QUEUE_DOWN =
  'The job queue (Redis) is not reachable: POST /jobs, POST /imports and cancelling answer 503; recommendations go on.';

const live = {
  operationId: 'live',
  tags: ['operations'],
  summary: 'Is the process alive',
  description: 'Asks nothing of the database or the queue: restarting the process would not mend those.',
  response: {
    200: json('Alive.', Type.Object({ status: Type.Enum(['alive']) }), { alive: { status: 'alive' } }),
  },
};

const ready = {
  operationId: 'ready',
  tags: ['operations'],
  summary: 'Can it answer recommendations',
  description:
    'Ready when the database answers. Without the queue, or with a model that was refused, it stays ready with a warning: taking it out of the load balancer would only stop what still works.',
  response: {
    200: json('Ready.', Ready, {
      ready: {
        status: 'ready',
        warnings: [],
        store: 'up',
        queue: 'up',
        models: [{ model: 'movies', version: 4 }],
      },
      'without the queue': {
        status: 'ready',
        warnings: [QUEUE_DOWN],
        store: 'up',
        queue: 'down',
        models: [],
      },
    }),
  },
  problems: { 'not-ready': 'The database does not answer.' },
};

export function healthRoutes({ store, queue, models }: Pick<AppDeps, 'store' | 'queue' | 'models'>) {
  return async (app: App): Promise<void> => {
    app.get('/health/live', {
      config: { scope: 'public', quiet: true, storeless: true },
      schema: live,
      handler: async () => ({ status: 'alive' }),
    });

    app.get('/health/ready', {
      config: { scope: 'public', quiet: true, storeless: true },
      schema: ready,
      handler: async () => {
        const refused = await refusedModels();
        const warnings = queue.healthy() ? refused : [QUEUE_DOWN, ...refused];
        const loaded = models.loaded().map(({ model, version }) => ({ model, version }));
        return {
          status: 'ready',
          warnings,
          store: 'up',
          queue: queue.healthy() ? 'up' : 'down',
          models: loaded,
        };
      },
    });
  };

  async function refusedModels(): Promise<string[]> {
    try {
      await store.ping();
      const wanted = await store.models.aliased(DEFAULT_ALIAS);
      return wanted.flatMap(({ model, version }) => refusal(model, version, models.status(model, version)));
    } catch (error) {
      const reason = error instanceof AppError ? error.detail : 'The database does not answer.';
      throw problem(
        'not-ready',
        reason,
        { reasons: [reason], queue: queue.healthy() ? 'up' : 'down' },
        error,
      );
    }
  }
}

function refusal(model: string, version: number, serving: ModelVersion['serving']): string[] {
  return serving.state === 'refused'
    ? [`Model ${model} version ${version} was refused: ${serving.reason}`]
    : [];
}
