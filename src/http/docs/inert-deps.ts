import { createLogger } from '../../core/logger.ts';
import { createSecrets } from '../../core/secrets.ts';
import type { AppDeps } from '../deps.ts';

/** Enough to build the app and read its routes, never to answer a request. */
export function inertDeps(): AppDeps {
  const inert = (): never => {
    throw new Error('This app was built to be described, not to be asked.');
  };
  const all = new Proxy({}, { get: () => inert }) as never;
  return {
    logger: createLogger('openapi', 'silent'),
    now: () => 0,
    store: {
      interactions: all,
      catalogue: all,
      exports: all,
      backup: all,
      popularity: all,
      deletions: all,
      users: all,
      rejects: all,
      jobs: all,
      schedules: all,
      notices: all,
      webhooks: all,
      drift: all,
      sweeps: all,
      models: all,
      workers: all,
      idempotency: all,
      rules: all,
      policies: all,
      served: all,
      traffic: all,
      externalTeachers: all,
      eventTypes: all,
      keys: all,
      audit: all,
      ping: inert,
      faults: inert,
      close: inert,
    },
    artifacts: all,
    queue: {
      enqueue: inert,
      remove: inert,
      board: inert,
      healthy: inert,
      signals: { publish: inert, subscribe: () => () => {} },
    },
    models: all,
    recommender: all,
    planner: all,
    servedLog: all,
    continuations: all,
    apiKeys: [],
    secrets: createSecrets('an app that answers nothing keeps no secrets'),
  };
}
