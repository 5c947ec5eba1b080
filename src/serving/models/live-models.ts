import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { holdsLabels } from '../../artifact/student/load-any.ts';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelVersion, RegisteredVersion } from '../../domain/answers/model.ts';
import type { ModelStore } from '../../store/registry/contract.ts';
import { coalesce } from '../caches/coalesce.ts';
import { createScans, type Scans } from '../threads/scans.ts';
import type { CatalogueSource } from './catalogue-items.ts';
import { type LiveLabels, loadLiveLabels } from './live-labels.ts';
import { type LiveModel, loadLiveModel } from './live-model.ts';

export interface LiveModels {
  /** Loads what is there, then keeps up with the registry. Never rejects: what cannot be loaded has its status. */
  start(): Promise<void>;
  /**
   * The named model, else DEFAULT_MODEL, else the only one that recommends. Null when it has no usable version (yet), so that
   * popularity can answer. Undefined when it must be loaded first: `acquire` does that.
   * @throws problem('not-found') for a name that the registry does not have, problem('ambiguous-model'),
   *   problem('invalid-request') for one that predicts labels
   */
  get(name?: string): LiveModel | null | undefined;
  /**
   * The same, loading it where it was unloaded; or the version, by its number or an alias.
   * @throws problem('not-found') for a version that there is not, problem('invalid-artifact') for one that is damaged
   */
  acquire(name?: string, version?: string): Promise<LiveModel | null>;
  /**
   * A model that predicts labels: the named one, or the only one.
   * @throws as acquire, and problem('not-found') where there is none, problem('invalid-request') for one that recommends
   */
  acquireLabels(name?: string, version?: string): Promise<LiveLabels>;
  status(model: string, version: number): ModelVersion['serving'];
  loaded(): readonly { model: string; version: number }[];
  /** Their histories changed; null: anybody's. */
  forgetUsers(userIds: readonly string[] | null): void;
  close(): Promise<void>;
}

interface LiveModelsDeps {
  store: { models: Pick<ModelStore, 'aliased' | 'get' | 'resolve'> };
  artifacts: Pick<ArtifactStore, 'get'>;
  /** Hurries the polling along. */
  signals?: { subscribe(listener: (signal: { kind: string }) => void): () => void };
  logger: Logger;
  /** The version behind this alias is live. */
  alias: string;
  pollMs: number;
  defaultModel?: string;
  /** Of loaded models together; the one asked for last stays whatever its size. */
  maxBytes?: number;
  /** By default everything is done in the event loop. */
  scans?: Scans;
  /** For items that a model was not trained on; without it there are only those that it was. */
  catalogue?: CatalogueSource;
  /** Called with a model that is about to be live and the one it replaces, to get it ready. */
  warm?: (next: LiveModel, former: LiveModel) => Promise<void>;
}

type AnyLive = LiveModel | LiveLabels;

interface Slot {
  /** What the alias points at, whether it is loaded or not. */
  registered: RegisteredVersion | null;
  /** Stays when its successor is refused. Null too when it was unloaded. */
  live: AnyLive | null;
  /** Of what was loaded last; undefined before anything was. */
  kind: AnyLive['kind'] | undefined;
  /** What `live` was loaded from. */
  liveVersion: RegisteredVersion | null;
  refused: { version: number; artifact: string; reason: string; retryable: boolean } | null;
}

const MAX_BYTES = 1 << 30;

/** How long a request waits for a model's first version. */
const FIRST_VERSION_MS = 2000;

/** What the registry's alias points at, loaded and verified aside, swapped in by one reference. */
export function createLiveModels(deps: LiveModelsDeps): LiveModels {
  const { store, artifacts, logger, alias, pollMs, defaultModel } = deps;
  const { maxBytes = MAX_BYTES, scans = createScans(null) } = deps;
  /** One per model that the registry has behind the alias. */
  const slots = new Map<string, Slot>();
  /** Versions loaded on demand, by artifact. */
  const others = new Map<string, AnyLive>();
  const loading = new Map<string, Promise<AnyLive>>();
  const warming = new Set<LiveModel>();
  const lastUsed = new WeakMap<AnyLive, number>();
  let uses = 0;
  /** Nobody is answered before `start` is done. */
  let isServing = false;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;

  const refresh = coalesce(async () => {
    try {
      const registered = await store.models.aliased(alias);
      for (const name of slots.keys()) {
        if (!registered.some(({ model }) => model === name)) slots.delete(name);
      }
      for (const version of registered) await keepUp(version);
      for (const slot of slots.values()) await keepUpWithCatalogue(slot);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the registry of models cannot be read; serving goes on');
    }
  });

  async function keepUp(registered: RegisteredVersion): Promise<void> {
    const { model, version, artifact } = registered;
    const slot = slots.get(model) ?? {
      registered: null,
      live: null,
      kind: undefined,
      liveVersion: null,
      refused: null,
    };
    slots.set(model, slot);
    slot.registered = registered;
    const isSame = (other: { version: number; artifact: string } | null) =>
      other?.version === version && other.artifact === artifact;
    if (isSame(slot.liveVersion)) {
      slot.refused = null;
      return;
    }
    // A damaged artifact stays damaged; only one that could not be read is tried again.
    if (isSame(slot.refused) && !slot.refused?.retryable) return;
    try {
      const next = others.get(artifact) ?? (await load(registered));
      if (slot.live) await warm(next, slot.live);
      slot.live = next;
      slot.kind = next.kind;
      slot.liveVersion = registered;
      slot.refused = null;
      others.delete(artifact);
      touch(next);
      unloadBeyondBudget(next);
      logger.info({ model, version }, 'model is live');
    } catch (error) {
      const reason = messageOf(error);
      if (!isSame(slot.refused)) logger.error({ model, version, reason }, 'model refused');
      const retryable = !(error instanceof AppError) || error.retryable;
      slot.refused = { version, artifact, reason, retryable };
    }
  }

  /** Items that came since a model was loaded. */
  async function keepUpWithCatalogue(slot: Slot): Promise<void> {
    const { live } = slot;
    const next = live?.kind === 'items' ? await live.renewed?.() : null;
    if (!live || !next) return;
    await warm(next, live);
    if (slot.live !== live) return;
    slot.live = touch(next);
    unloadBeyondBudget(next);
    logger.info({ model: next.name, version: next.version, items: next.items.length }, 'new items are live');
  }

  /** A model that could not be warmed is only slower at first. */
  async function warm(next: AnyLive, former: AnyLive): Promise<void> {
    if (next.kind === 'labels' || former.kind === 'labels') return;
    warming.add(next);
    try {
      await deps.warm?.(next, former);
    } catch (error) {
      logger.warn({ model: next.name, reason: messageOf(error) }, 'the new version is not warmed');
    } finally {
      warming.delete(next);
    }
  }

  function load(registered: RegisteredVersion): Promise<AnyLive> {
    const { artifact } = registered;
    const running = loading.get(artifact);
    if (running) return running;
    const started = loadEither(registered).finally(() => loading.delete(artifact));
    loading.set(artifact, started);
    return started;
  }

  async function loadEither(registered: RegisteredVersion): Promise<AnyLive> {
    const isLabels = await holdsLabels(artifacts, registered.artifact);
    return isLabels
      ? loadLiveLabels(artifacts, registered)
      : loadLiveModel(artifacts, registered, scans, isServing, deps.catalogue);
  }

  async function loadForRequest(registered: RegisteredVersion): Promise<AnyLive> {
    try {
      return await load(registered);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'invalid-artifact') throw error;
      const { model, version } = registered;
      throw problem(
        'conflict',
        `version ${version} of model ${model} cannot be used: ${error.detail}`,
        {},
        error,
      );
    }
  }

  function touch<T extends AnyLive>(model: T): T {
    lastUsed.set(model, ++uses);
    return model;
  }

  /** The least recently used go first; whoever still holds one keeps it until done. */
  function unloadBeyondBudget(kept: AnyLive): void {
    const all = loadedModels().sort((a, b) => (lastUsed.get(a) ?? 0) - (lastUsed.get(b) ?? 0));
    let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const model of all) {
      if (total <= maxBytes) return;
      if (model === kept) continue;
      total -= model.bytes;
      others.delete(model.artifact);
      for (const slot of slots.values()) if (slot.live === model) slot.live = null;
      logger.info({ model: model.name, version: model.version }, 'model unloaded, others were used since');
    }
  }

  function loadedModels(): AnyLive[] {
    const live = [...slots.values()].flatMap((slot) => (slot.live ? [slot.live] : []));
    return [...live, ...others.values()];
  }

  function findSlot(name: string | undefined, kind: AnyLive['kind']): Slot | null {
    const chosen = name ?? choose(namesOf(kind), kind === 'items' ? defaultModel : undefined);
    if (chosen === null) return null;
    const slot = slots.get(chosen);
    if (!slot) throw unknownModel(chosen, [...slots.keys()]);
    return slot;
  }

  /** Those of which nothing was loaded yet may be of either kind. */
  function namesOf(kind: AnyLive['kind']): string[] {
    return [...slots].filter(([, slot]) => (slot.kind ?? kind) === kind).map(([name]) => name);
  }

  function ofKind<K extends AnyLive['kind']>(model: AnyLive, kind: K): Extract<AnyLive, { kind: K }> {
    if (model.kind === kind) return model as Extract<AnyLive, { kind: K }>;
    const others = namesOf(kind).filter((name) => name !== model.name);
    const what =
      kind === 'items'
        ? 'predicts labels and recommends nothing; ask POST /labels. Models that recommend'
        : 'recommends items and predicts no labels. Models that do';
    throw problem('invalid-request', `Model ${model.name} ${what}: ${others.join(', ') || 'none yet'}.`);
  }

  async function acquireVersion(slot: Slot | null, name: string | undefined, ref: string): Promise<AnyLive> {
    const model = slot?.registered?.model ?? name;
    if (model === undefined) throw problem('not-found', 'there is no model yet, so no version of one');
    const registered = /^\d+$/.test(ref)
      ? await store.models.get(model, Number(ref))
      : await store.models.resolve(model, ref);
    if (!registered) {
      const what = /^\d+$/.test(ref) ? `version ${ref}` : `alias ${JSON.stringify(ref)}`;
      throw problem('not-found', `the model ${JSON.stringify(model)} has no ${what}`);
    }
    const { artifact } = registered;
    if (slot?.live?.artifact === artifact) return slot.live;
    const kept = others.get(artifact) ?? (await loadForRequest(registered));
    others.set(artifact, kept);
    return kept;
  }

  /** Null, so that popularity answers, when it cannot be read now. */
  async function reload(slot: Slot, version: RegisteredVersion): Promise<AnyLive | null> {
    try {
      const model = touch(await load(version));
      // A newer one may have come meanwhile.
      if (slot.liveVersion === version) slot.live = model;
      unloadBeyondBudget(model);
      return slot.live ?? model;
    } catch (error) {
      logger.error(
        { model: version.model, reason: messageOf(error) },
        'an unloaded model cannot be loaded again',
      );
      return null;
    }
  }

  /**
   * Until a first version that is being loaded can answer, within reason: who has just been told that a job succeeded asks for
   * recommendations next, not for popularity.
   */
  async function firstVersion(): Promise<void> {
    const late = new AbortController();
    await Promise.race([
      refresh.settled(),
      sleep(FIRST_VERSION_MS, undefined, { signal: late.signal, ref: false }).catch(() => {}),
    ]);
    late.abort();
  }

  async function acquireAny(
    kind: AnyLive['kind'],
    name: string | undefined,
    version: string | undefined,
  ): Promise<AnyLive | null> {
    if (version !== undefined) {
      // A model without the live alias has versions too.
      const known = name === undefined || slots.has(name) ? findSlot(name, kind) : null;
      const model = touch(await acquireVersion(known, name, version));
      unloadBeyondBudget(model);
      return model;
    }
    const asked = name === undefined ? [...slots.values()] : [slots.get(name)];
    if (!asked.some((slot) => slot?.liveVersion)) await firstVersion();
    const slot = findSlot(name, kind);
    if (!slot?.liveVersion) return slot?.live ?? null;
    if (slot.live) return touch(slot.live);
    return reload(slot, slot.liveVersion);
  }

  return {
    async start() {
      unsubscribe = deps.signals?.subscribe(({ kind }) => {
        if (kind === 'models') void refresh();
      });
      await refresh();
      isServing = true;
      timer = setInterval(() => void refresh(), pollMs);
      timer.unref();
    },

    get(name) {
      const slot = findSlot(name, 'items');
      if (!slot) return null;
      if (slot.live) return touch(ofKind(slot.live, 'items'));
      return slot.liveVersion ? undefined : null;
    },

    async acquire(name, version) {
      const model = await acquireAny('items', name, version);
      return model && ofKind(model, 'items');
    },

    async acquireLabels(name, version) {
      const model = await acquireAny('labels', name, version);
      if (model) return ofKind(model, 'labels');
      throw problem(
        'not-found',
        name === undefined
          ? 'There is no usable model that predicts labels; a job of the task multi-label makes one.'
          : `Model ${name} has no usable version.`,
      );
    },

    status(model, version) {
      const slot = slots.get(model);
      if (slot?.liveVersion?.version === version) return { state: 'live' };
      if (slot?.refused?.version === version) return { state: 'refused', reason: slot.refused.reason };
      return { state: 'idle' };
    },

    loaded: () => loadedModels().map(({ name, version }) => ({ model: name, version })),

    forgetUsers(userIds) {
      for (const model of loadedModels()) if (model.kind === 'items') model.users.forget(userIds);
      // Warming folds histories for a model that is in none of the lists yet.
      for (const model of warming) model.users.forget(userIds);
    },

    async close() {
      clearInterval(timer);
      unsubscribe?.();
      await refresh.settled();
    },
  };
}

function choose(names: readonly string[], defaultModel: string | undefined): string | null {
  if (defaultModel !== undefined && names.includes(defaultModel)) return defaultModel;
  if (names.length <= 1) return names[0] ?? null;
  throw problem('ambiguous-model', `there are several models; add model=, one of: ${names.join(', ')}`, {
    models: [...names],
  });
}

function unknownModel(name: string, names: readonly string[]): AppError {
  const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none yet';
  return problem('not-found', `there is no model ${JSON.stringify(name)}; ${there}`, { models: [...names] });
}
