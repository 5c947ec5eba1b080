import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { problem } from '../../src/core/errors.ts';
import { createLogger } from '../../src/core/logger.ts';
import { createSecrets } from '../../src/core/secrets.ts';
import type { RecommendOptions } from '../../src/domain/answers/recommend-options.ts';
import type { Recommendation } from '../../src/domain/answers/recommendation.ts';
import { buildApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/app-type.ts';
import type { AppDeps, JobQueue } from '../../src/http/deps.ts';
import type { Signal } from '../../src/jobs/contract.ts';
import type { Recommender } from '../../src/serving/answers/recommender.ts';
import { createSharedCache } from '../../src/serving/caches/shared-cache.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { holdToDocument } from './hold-to-document.ts';

/** A queue whose Redis can be taken away; jobs put on it stay where they are. */
export interface ToyQueue extends JobQueue {
  up: boolean;
  queued: string[];
  /** When the turn of each comes, as the queue was told. */
  turns: object[];
  sent: Signal[];
}

export interface Service {
  app: App;
  url: string;
  folder: string;
  store: Store;
  queue: ToyQueue;
  log: string[];
  /** What /recommend was asked. */
  asked: { userId: string; options: RecommendOptions }[];
  close(): Promise<void>;
}

/** The HTTP layer on a real database and a real artifact folder, listening; only the queue and the models are toys. */
export async function startService(overrides: Partial<AppDeps> = {}): Promise<Service> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-http-'));
  const store = overrides.store ?? (await createStore(`sqlite:${path.join(folder, 'test.db')}`));
  const queue = createToyQueue();
  const log: string[] = [];
  const asked: Service['asked'] = [];
  const app = buildApp({
    logger: createLogger('test', 'info', { write: (line) => void log.push(line) }),
    now: Date.now,
    store,
    artifacts: createFsStore(`file:${path.join(folder, 'artifacts')}`),
    queue,
    models: toyModels(),
    recommender: toyRecommender((userId, options) => asked.push({ userId, options })),
    continuations: createSharedCache({ ttlMs: 60_000, maxBytes: 1 << 20 }),
    planner: toyPlanner,
    servedLog: { isSampled: () => false, note: () => {}, click: () => {} },
    apiKeys: [],
    secrets: createSecrets('a key of tests, which is thirty-two characters or more'),
    ...overrides,
    // A busy machine is no fault of what a test looks at.
    limits: { loopDelayMs: 0, ...overrides.limits },
  });
  const endHolding = holdToDocument(app);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    await app.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
    endHolding();
  };
  return { app, url, folder, store, queue, log, asked, close };
}

/** Plans nothing: no answer of these tests is about plans, and making them loads all that trains. */
const toyPlanner: AppDeps['planner'] = { plan: async () => [] };

/** Models of which nothing is live, but for what is said otherwise. */
export function toyModels(part: Partial<AppDeps['models']> = {}): AppDeps['models'] {
  const none = { model: null, from: null };
  return {
    status: () => ({ state: 'idle' }),
    loaded: () => [],
    missing: () => [],
    traffic: () => undefined,
    trained: () => [],
    defaults: () => ({ recommend: none, labels: none, warnings: [] }),
    refresh: async () => {},
    ...part,
  };
}

/** Answers everybody with the same film. */
export function toyRecommender(onAsked: (userId: string, options: RecommendOptions) => void): Recommender {
  const inert = () => Promise.reject(new Error('the toy does not answer this'));
  return {
    async recommend(userId, options) {
      onAsked(userId, options);
      return answerFor(userId);
    },
    recommendTo: inert,
    quick: () => null,
    similar: inert,
    similarUsers: inert,
    rank: inert,
    labels: inert,
    lists: { popular: inert, trending: inert, latest: inert },
  };
}

function answerFor(userId: string): Recommendation {
  return {
    userId,
    items: [{ itemId: 'film-7', score: 1.5, title: 'Toy Story (1995)' }],
    source: 'popularity',
    reason: 'This user is unknown.',
    model: null,
    recommendationId: 'rec_1',
  };
}

function createToyQueue(): ToyQueue {
  const listeners = new Set<(signal: Signal) => void>();
  const queue: ToyQueue = {
    up: true,
    queued: [],
    turns: [],
    sent: [],
    async enqueue({ id: jobId }, turn = {}) {
      if (!queue.up) throw problem('queue-unavailable', 'The job queue does not answer.');
      queue.queued.push(jobId);
      queue.turns.push(turn);
    },
    async remove(jobId) {
      queue.queued = queue.queued.filter((id) => id !== jobId);
    },
    board: async () => {
      throw problem('queue-unavailable', 'The toy queue has no page.');
    },
    healthy: () => queue.up,
    signals: {
      async publish(signal) {
        queue.sent.push(signal);
        for (const listener of listeners) listener(signal);
      },
      subscribe(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  };
  return queue;
}

/** Fifty interactions of ten users with ten items: the least that a distillation takes. */
export async function storeEnough(store: Store): Promise<void> {
  const rows = Array.from({ length: 50 }, (_, i) => ({
    userId: `u${i % 10}`,
    itemId: `i${Math.floor(i / 5)}`,
    type: 'click',
    value: null,
    timestamp: 1_700_000_000_000 + i,
    eventId: null,
  }));
  await store.interactions.add(rows);
}
