import { Type } from 'typebox';
import { lowDisk } from '../../core/disk.ts';
import { AppError, problem } from '../../core/errors.ts';
import type { ModelVersion } from '../../domain/answers/model.ts';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';
import { deadLanes } from '../jobs/lanes.ts';

const Ready = Type.Object({
  status: Type.Enum(['ready']),
  warnings: Type.Array(Type.String(), { description: 'What does not work now, though recommendations do.' }),
  store: Type.Enum(['up']),
  queue: Type.Enum(['up', 'down']),
  models: Type.Array(Type.Object({ model: Type.String(), version: Type.Integer() }), {
    description: 'What this process serves.',
  }),
  disk: Type.Optional(
    Type.Object(
      { freeBytes: Type.Integer(), leastBytes: Type.Integer() },
      { description: 'Free space for database and artifacts, and the least of it that imports ask for.' },
    ),
  ),
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
    'Ready when the database answers and every model that was live when this process started was loaded here at least once, in some version. Without the queue, or with a version that was refused, it stays ready with a warning: taking it out of the load balancer would only stop what still works. READY_WITHOUT_MODELS=true does not wait for models.',
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
  problems: {
    'not-ready': 'Model movies was never loaded here: weights.safetensors is truncated: 10 of 20 bytes.',
  },
};

type HealthDeps = Pick<AppDeps, 'store' | 'queue' | 'models' | 'readyWithoutModels' | 'leaving' | 'disk'>;

export function healthRoutes(deps: HealthDeps) {
  const { store, queue, models, readyWithoutModels = false, leaving, disk } = deps;
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
        if (leaving?.isLeaving) throw problem('not-ready', 'The process is about to end.');
        const refused = await refusedModels();
        const dead = await deadLanes(store);
        if (!readyWithoutModels) requireModels();
        const space = await disk?.look();
        const warnings = [
          ...(queue.healthy() ? [] : [QUEUE_DOWN]),
          ...(space?.isLow ? [`${lowDisk(space)}; recommendations go on.`] : []),
          ...refused,
          ...dead,
        ];
        const loaded = models.loaded().map(({ model, version }) => ({ model, version }));
        return {
          status: 'ready',
          warnings,
          store: 'up',
          queue: queue.healthy() ? 'up' : 'down',
          models: loaded,
          ...(space && { disk: { freeBytes: space.freeBytes, leastBytes: space.leastBytes } }),
        };
      },
    });
  };

  /** A process that starts is no use while a model that was live is missing here: others have it. */
  function requireModels(): void {
    const reasons = models
      .missing()
      .map(({ model, reason }) => `Model ${model} was never loaded here: ${reason}.`);
    if (reasons.length === 0) return;
    throw problem(
      'not-ready',
      `${reasons.join(' ')} READY_WITHOUT_MODELS=true lets popularity answer in its place.`,
      { reasons, queue: queue.healthy() ? 'up' : 'down' },
    );
  }

  async function refusedModels(): Promise<string[]> {
    try {
      await store.ping();
      const wanted = await store.models.aliased(DEFAULT_ALIAS);
      const loaded = models.loaded();
      return wanted.flatMap(({ model, version }) => {
        const instead = loaded.find(
          (one) => one.model === model && models.status(model, one.version).state === 'live',
        );
        return refusal(model, version, models.status(model, version), instead?.version);
      });
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

function refusal(
  model: string,
  version: number,
  { state, reason }: ModelVersion['serving'],
  instead: number | undefined,
): string[] {
  if (state !== 'refused') return [];
  const who = instead === undefined ? 'popularity' : `version ${instead}`;
  return [`Model ${model} version ${version} was refused: ${reason}; ${who} answers in its place`];
}
