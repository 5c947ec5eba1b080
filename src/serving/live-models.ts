import type { ArtifactStore } from '../artifact/store.ts';
import { AppError, messageOf, problem } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelVersion, RegisteredVersion } from '../domain/model.ts';
import type { ModelStore } from '../store/store.ts';
import { type LiveModel, loadLiveModel } from './live-model.ts';

export interface LiveModels {
  /** Loads what is there, then keeps up with the registry. Never rejects: what cannot be loaded has its status. */
  start(): Promise<void>;
  /**
   * The named model, else DEFAULT_MODEL, else the only one. Null when it has no usable version (yet), so that
   * popularity can answer.
   * @throws problem('not-found') for a name that the registry does not have, problem('ambiguous-model')
   */
  get(name?: string): LiveModel | null;
  status(model: string, version: number): ModelVersion['serving'];
  loaded(): readonly { model: string; version: number }[];
  close(): Promise<void>;
}

interface LiveModelsDeps {
  store: { models: Pick<ModelStore, 'aliased'> };
  artifacts: Pick<ArtifactStore, 'get'>;
  /** Hurries the polling along. */
  signals?: { subscribe(listener: (signal: { kind: string }) => void): () => void };
  logger: Logger;
  /** The version behind this alias is live. */
  alias: string;
  pollMs: number;
  defaultModel?: string;
}

interface Slot {
  /** Stays when its successor is refused. */
  live: LiveModel | null;
  refused: { version: number; artifact: string; reason: string; retryable: boolean } | null;
}

/** What the registry's alias points at, loaded and verified aside, swapped in by one reference. */
export function createLiveModels(deps: LiveModelsDeps): LiveModels {
  const { store, artifacts, logger, alias, pollMs, defaultModel } = deps;
  /** One per model that the registry has behind the alias. */
  const slots = new Map<string, Slot>();
  const refresh = coalesce(async () => {
    try {
      const registered = await store.models.aliased(alias);
      for (const name of slots.keys()) {
        if (!registered.some(({ model }) => model === name)) slots.delete(name);
      }
      for (const version of registered) await keepUp(version);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'the registry of models cannot be read; serving goes on');
    }
  });
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;

  async function keepUp(registered: RegisteredVersion): Promise<void> {
    const { model, version, artifact } = registered;
    const slot = slots.get(model) ?? { live: null, refused: null };
    slots.set(model, slot);
    const isSame = (other: { version: number; artifact: string } | null) =>
      other?.version === version && other.artifact === artifact;
    if (isSame(slot.live)) {
      slot.refused = null;
      return;
    }
    // A damaged artifact stays damaged; only one that could not be read is tried again.
    if (isSame(slot.refused) && !slot.refused?.retryable) return;
    try {
      slot.live = await loadLiveModel(artifacts, registered);
      slot.refused = null;
      logger.info({ model, version }, 'model is live');
    } catch (error) {
      const reason = messageOf(error);
      if (!isSame(slot.refused)) logger.error({ model, version, reason }, 'model refused');
      const retryable = !(error instanceof AppError) || error.retryable;
      slot.refused = { version, artifact, reason, retryable };
    }
  }

  return {
    async start() {
      unsubscribe = deps.signals?.subscribe(({ kind }) => {
        if (kind === 'models') void refresh();
      });
      await refresh();
      timer = setInterval(() => void refresh(), pollMs);
      timer.unref();
    },
    get(name) {
      const chosen = name ?? choose([...slots.keys()], defaultModel);
      if (chosen === null) return null;
      const slot = slots.get(chosen);
      if (!slot) throw unknownModel(chosen, [...slots.keys()]);
      return slot.live;
    },
    status(model, version) {
      const slot = slots.get(model);
      if (slot?.live?.version === version) return { state: 'live' };
      if (slot?.refused?.version === version) return { state: 'refused', reason: slot.refused.reason };
      return { state: 'idle' };
    },
    loaded() {
      return [...slots.values()].flatMap(({ live }) =>
        live ? [{ model: live.name, version: live.version }] : [],
      );
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

/**
 * Runs one at a time. A call during a run asks for one more run after it, and resolves with that one: it must see
 * what changed before the call.
 */
function coalesce(work: () => Promise<void>): { (): Promise<void>; settled(): Promise<void> } {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const run = (): Promise<void> => {
    if (!current) {
      current = work().finally(() => {
        current = null;
      });
      return current;
    }
    next ??= current.then(() => {
      next = null;
      return run();
    });
    return next;
  };
  return Object.assign(run, { settled: async () => void (await (next ?? current)) });
}
