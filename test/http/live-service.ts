import type { AppDeps } from '../../src/http/deps.ts';
import { createRecommender } from '../../src/serving/answers/recommender.ts';
import { announceWrites } from '../../src/serving/caches/announce-writes.ts';
import { type ChangeSignals, createChanges } from '../../src/serving/caches/changes.ts';
import { createServedLog } from '../../src/serving/caches/served-log.ts';
import { createSharedCache, type SharedMemory } from '../../src/serving/caches/shared-cache.ts';
import { createLiveModels } from '../../src/serving/models/live-models.ts';
import { createShadow } from '../../src/serving/traffic/shadow.ts';
import { createTrafficWatch } from '../../src/serving/traffic/watch.ts';
import { createInstalledEvents } from '../../src/serving/views/installed-events.ts';
import type { Store } from '../../src/store/store.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { item } from '../helpers/store.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing } from '../serving/serving-setup.ts';
import { startService } from './service.ts';

export const ITEMS = 60;

/** A Redis of one process: every signal arrives, until `gone`. */
export function createToySignals(): ChangeSignals & { gone: boolean } {
  const listeners = new Set<(signal: { kind: string }) => void>();
  const gaps = new Set<() => void>();
  return {
    gone: false,
    async publish(signal) {
      if (!this.gone) for (const listener of listeners) listener(signal);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listening() {
      return !this.gone;
    },
    onGap: (listener) => {
      gaps.add(listener);
      return () => gaps.delete(listener);
    },
  };
}

/**
 * The HTTP layer with everything that serves, on a model of sixty films in two categories and user `u`.
 * @param databaseUrl by default a file of SQLite of its own
 * @param spoil changes the files of the model
 * @param more parts of the service in place of the usual ones
 */
export async function startLiveService(
  databaseUrl?: string,
  spoil?: (files: Map<string, Buffer>) => void,
  more: Partial<AppDeps> = {},
) {
  const setup = await setUpServing(databaseUrl);
  await setup.publish('movies', sampleWeights(ITEMS, 8), spoil);
  const signals = createToySignals();
  const service = await startReplica(setup, signals, null, more);
  await fillCatalogue(service.store);
  return {
    ...service,
    signals,
    async close() {
      await service.close();
      await setup.close().catch(() => {});
    },
  };
}

async function fillCatalogue(store: Store): Promise<void> {
  const films = Array.from({ length: ITEMS }, (_, i) =>
    item(`item-${i}`, {
      title: `Film "${i}"`,
      categories: [i % 2 ? 'Odd' : 'Even'],
      features: { number: i },
    }),
  );
  await store.catalogue.putItems(films);
  await store.interactions.add([interaction('u', 'item-3'), interaction('u', 'item-9', { type: 'view' })]);
}

/** One api over what `setup` holds, which other ones may use too. The caller closes the setup. */
export async function startReplica(
  setup: ServingSetup,
  signals: ChangeSignals,
  shared: SharedMemory | null = null,
  more: Partial<AppDeps> = {},
) {
  const changes = createChanges(signals);
  const store = announceWrites(setup.store, changes);
  const installedEvents = createInstalledEvents(store.eventTypes, changes);
  const models = createLiveModels({
    ...{ store, artifacts: setup.artifacts, logger, alias: ALIAS, pollMs: 20 },
    installed: installedEvents.peek,
  });
  await models.start();
  const recommender = createRecommender({
    store,
    liveModels: models,
    changes,
    installedEvents,
    now: Date.now,
  });
  const servedLog = createServedLog({ store: store.served, logger, sample: 1, flushMs: 1_000_000 });
  const shadow = createShadow({
    ...{ store: store.traffic, recommendTo: recommender.recommendTo, logger },
    flushMs: 1_000_000,
  });
  const service = await startService({
    store,
    artifacts: setup.artifacts as never,
    models,
    recommender,
    installedEvents,
    servedLog,
    traffic: createTrafficWatch({ models, shadow }),
    continuations: createSharedCache({ ttlMs: 60_000, maxBytes: 1 << 20, shared }),
    ...more,
  });
  return {
    ...service,
    setup,
    models,
    recommender,
    servedLog,
    shadow,
    async close() {
      await servedLog.close();
      await shadow.close();
      await models.close();
      await service.close();
    },
  };
}

export type LiveService = Awaited<ReturnType<typeof startLiveService>>;
