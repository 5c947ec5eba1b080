import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelVersion } from '../../domain/answers/model.ts';
import type { Weighting } from '../../domain/data/weighting.ts';
import type { ModelStore, StoredDefaults } from '../../store/registry/contract.ts';
import type { TrafficStore } from '../../store/registry/traffic-contract.ts';
import { coalesce } from '../caches/coalesce.ts';
import { createCatalogueWork } from '../threads/catalogue-work.ts';
import { whyAbsent } from './absence.ts';
import { createModelsOfKind, type ModelsOfKind } from './acquire.ts';
import { type DefaultModels, defaultModels, preferredOf } from './default-models.ts';
import { followAlias } from './follow-alias.ts';
import { followTraffic, type LiveTraffic } from './follow-traffic.ts';
import {
  type AnyLive,
  createLoaders,
  type Kind,
  kindOfArtifact,
  type LiveKinds,
  type LoaderDeps,
} from './kinds.ts';
import type { Slot, Waiting } from './slots.ts';
import { createVersionCache } from './version-cache.ts';
import { createWarming } from './warming.ts';

/** The models of the registry in memory: one cache of versions for all kinds, which follows one alias. */
export type LiveModels = { [K in Kind]: ModelsOfKind<LiveKinds[K]> } & {
  /** Loads what is there, then keeps up with the registry. Never rejects: what cannot be loaded has its status. */
  start(): Promise<void>;
  status(model: string, version: number): ModelVersion['serving'];
  /** Says why the model, or without a name any, does not answer, as the part of a sentence. */
  absence(model?: string): string;
  /** The models that answer where none is named. */
  defaults(): DefaultModels;
  /** Brings all up to date with the registry. */
  refresh(): Promise<void>;
  /** Models that were live when this process started and of which it has never loaded any version, each with the reason. */
  missing(): readonly { model: string; reason: string }[];
  /** The traffic between versions of a model, as this process goes by it; undefined where there is none. */
  traffic(model: string): LiveTraffic | undefined;
  /** The live ones first. */
  loaded(): readonly { model: string; version: number }[];
  /** Those that answer, with what the types of interactions meant in their training. */
  trained(): readonly { model: string; version: number; weighting: Weighting }[];
  /** How often users were found in the cache of each version that is loaded. */
  lookups(): { model: string; version: number; hits: number; misses: number }[];
  /** Their histories changed; null: anybody's. */
  forgetUsers(userIds: readonly string[] | null): void;
  close(): Promise<void>;
};

interface LiveModelsDeps extends Omit<LoaderDeps, 'work'>, Partial<Pick<LoaderDeps, 'work'>> {
  store: {
    models: Pick<ModelStore, 'aliased' | 'unaliased' | 'get' | 'resolve' | 'defaults' | 'before'>;
    traffic: Pick<TrafficStore, 'running'>;
  };
  /** Hurries the polling along. */
  signals?: { subscribe(listener: (signal: { kind: string }) => void): () => void };
  logger: Logger;
  /** The version behind this alias is live. */
  alias: string;
  pollMs: number;
  /** The model that recommends where a request names none. */
  defaultModel?: string;
  /** When a damaged version is first tried again. */
  retryMs?: number;
  /** The memory of all loaded versions together; the one asked for last stays whatever its size. */
  maxBytes?: number;
}

const MAX_BYTES = 1 << 30;
const RETRY_MS = 30_000;

// Long because its functions share one state.
export function createLiveModels(deps: LiveModelsDeps): LiveModels {
  const { store, artifacts, logger, alias, pollMs, defaultModel } = deps;
  const { maxBytes = MAX_BYTES, retryMs = RETRY_MS } = deps;
  // By default everything is done in the event loop.
  const loaders = createLoaders({ ...deps, work: deps.work ?? createCatalogueWork(null) });
  const slots = new Map<string, Slot>();
  const warming = createWarming(loaders, logger);
  /** Nobody is answered before `start` is done. */
  let isServing = false;
  const cache = createVersionCache<AnyLive>({
    maxBytes,
    load: async (registered) =>
      loaders[await kindOfArtifact(artifacts, registered.artifact)].load(registered, isServing),
    onUnload: ({ name, version }) =>
      logger.info({ model: name, version }, 'model unloaded, others were used since'),
  });
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;

  const traffics = new Map<string, LiveTraffic>();
  const following = {
    ...{ slots, traffics, cache, loaders, warming, logger, alias, retryMs },
    isNeeded: (artifact: string) => isNeeded(traffics, artifact),
    registry: store.models,
  };
  /** Models that were live when the registry was first read, and of which nothing was loaded yet. */
  let awaited: Set<string> | undefined;
  let stored: StoredDefaults = { chosen: {}, inOrder: [] };
  let waiting: Waiting = new Map();
  const refresh = coalesce(async () => {
    try {
      stored = await store.models.defaults(alias);
      const registered = await store.models.aliased(alias);
      waiting = new Map((await store.models.unaliased(alias)).map((newest) => [newest.model, newest]));
      awaited ??= new Set(registered.map(({ model }) => model));
      const running = await store.traffic.running();
      await followAlias(following, registered);
      await followTraffic(following, running);
      for (const [model, { live }] of slots) if (live) awaited.delete(model);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the registry of models cannot be read; serving goes on');
    }
  });
  const { settled } = refresh;
  const acquiring = { ...following, waiting: () => waiting, settled };

  return {
    items: createModelsOfKind('items', acquiring, () => preferredOf('items', stored, defaultModel)),
    labels: createModelsOfKind('labels', acquiring, () => preferredOf('labels', stored, defaultModel)),
    defaults: () => defaultModels(slots, stored, defaultModel),
    refresh,

    async start() {
      unsubscribe = deps.signals?.subscribe(({ kind }) => {
        if (kind === 'models') void refresh();
      });
      await refresh();
      isServing = true;
      timer = setInterval(() => void refresh(), pollMs);
      timer.unref();
    },

    absence: (model) => whyAbsent({ slots, waiting, alias }, model),

    status: (model, version) => statusOf(slots.get(model), version),

    missing: () => missingOf(slots, awaited),
    traffic: (model) => traffics.get(model),
    trained: () => liveOf(slots, cache).map(trainedAs),
    loaded: () =>
      [...new Set([...liveOf(slots, cache), ...cache.all()])].map(({ name, version }) => ({
        model: name,
        version,
      })),

    lookups: () => cache.all().flatMap(lookupsOf),

    forgetUsers(userIds) {
      for (const version of cache.everyone()) version.forgetUsers?.(userIds);
      warming.forgetUsers(userIds);
    },

    async close() {
      clearInterval(timer);
      unsubscribe?.();
      await refresh.settled();
    },
  };
}

function lookupsOf(live: AnyLive) {
  const { name: model, version } = live;
  return live.kind === 'items' ? [{ model, version, ...live.users.lookups() }] : [];
}

function isNeeded(traffics: ReadonlyMap<string, LiveTraffic>, artifact: string): boolean {
  return [...traffics.values()].some(({ arms }) =>
    [...arms.values()].some(({ registered }) => registered?.artifact === artifact),
  );
}

function trainedAs({ name, version, manifest }: AnyLive) {
  return { model: name, version, weighting: manifest.weighting };
}

function missingOf(slots: ReadonlyMap<string, Slot>, awaited: ReadonlySet<string> = new Set()) {
  const names = [...awaited].filter((model) => slots.has(model));
  return names.map((model) => ({
    model,
    reason: slots.get(model)?.refused?.reason ?? 'it is being loaded',
  }));
}

function liveOf(
  slots: ReadonlyMap<string, Slot>,
  cache: Pick<ReturnType<typeof createVersionCache<AnyLive>>, 'peek'>,
): AnyLive[] {
  const live = [...slots.values()].map((slot) => slot.live && cache.peek(slot.live.artifact));
  return live.filter((version) => version != null);
}

function statusOf(slot: Slot | undefined, version: number): ModelVersion['serving'] {
  if (slot?.live?.version === version) {
    const { registered, refused } = slot;
    const isStandIn = refused !== null && registered.version === refused.version;
    return { state: 'live', ...(isStandIn && { standsInFor: registered.version }) };
  }
  if (slot?.refused?.version === version) return { state: 'refused', reason: slot.refused.reason };
  const unsound = slot?.unsound.get(version);
  return unsound === undefined ? { state: 'idle' } : { state: 'refused', reason: unsound };
}
