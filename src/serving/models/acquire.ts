import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { ModelStore } from '../../store/registry/contract.ts';
import { type Assignment, assign, insteadOf, type LiveTraffic, refuseArm } from './follow-traffic.ts';
import type { AnyLive, Kind, LiveKinds } from './kinds.ts';
import { findSlot, ofKind, type Slot, type Slots, type Waiting } from './slots.ts';
import { standIn } from './stand-in.ts';
import type { VersionCache } from './version-cache.ts';

/** The models of one kind, for those who answer requests. */
export interface ModelsOfKind<V> {
  /**
   * The named model, else the default one of its kind. Null when it has no usable version (yet): `absence` says why.
   * Undefined when it must be loaded first: `acquire` does that.
   * @throws problem('not-found') for a name that the registry does not have, problem('invalid-request') for a model of
   *   another kind
   */
  get(name?: string): V | null | undefined;
  /**
   * The model as `get` finds it, loaded where it was unloaded; or a version of it, by its number or an alias.
   * @throws problem('not-found') for a version that there is not, problem('conflict') for one that is damaged
   */
  acquire(name?: string, version?: string): Promise<V | null>;
  /**
   * The variant that answers somebody; null where the model has no traffic, or is not there.
   * @param who a user, or a visitor; null where nobody knows who asks
   * @throws as `get`
   */
  assigned(name: string | undefined, who: string | null): Assigned<V> | null;
}

export interface Assigned<V> {
  variant: Assignment['variant'];
  /** The version of the variant; null for stable, which `get` and `acquire` find. */
  own: { peek(): V | undefined; load(): Promise<V> } | null;
  /** Stable for those whose variant could not be loaded. */
  instead: Assignment['variant'];
}

interface AcquireDeps {
  slots: Slots;
  traffics: ReadonlyMap<string, LiveTraffic>;
  /** When a damaged version is first tried again. */
  retryMs: number;
  waiting: () => Waiting;
  cache: VersionCache<AnyLive>;
  registry: Pick<ModelStore, 'get' | 'resolve' | 'before'>;
  /** The alias whose history says who stands in. */
  alias: string;
  /** Resolves when nothing is being loaded for the alias. */
  settled: () => Promise<void>;
  logger: Logger;
}

/** How long a request waits for a model's first version. */
const FIRST_VERSION_MS = 2000;

export function createModelsOfKind<K extends Kind>(
  kind: K,
  deps: AcquireDeps,
  preferred: () => readonly string[],
): ModelsOfKind<LiveKinds[K]> {
  const { slots, cache } = deps;
  const find = (name: string | undefined) => findSlot(slots, kind, name, preferred(), deps.waiting());

  async function acquireAny(name: string | undefined, version: string | undefined): Promise<AnyLive | null> {
    if (version !== undefined) {
      // A model without the live alias has versions too.
      const known = name === undefined || slots.has(name) ? find(name) : null;
      return acquireVersion(deps, known?.registered.model ?? name, version);
    }
    const asked = name === undefined ? [...slots.values()] : [slots.get(name)];
    if (!asked.some((slot) => slot?.live)) await firstVersion(deps.settled);
    const slot = find(name);
    if (!slot?.live) return null;
    return cache.get(slot.live.artifact) ?? reload(deps, slot, slot.live);
  }

  return {
    get(name) {
      const slot = find(name);
      if (!slot?.live) return null;
      const version = cache.get(slot.live.artifact);
      return version && ofKind(slots, kind, version);
    },

    async acquire(name, version) {
      const found = await acquireAny(name, version);
      return found && ofKind(slots, kind, found);
    },

    assigned(name, who) {
      // Nearly always: a request without traffic must not pay for it.
      if (deps.traffics.size === 0) return null;
      const model = find(name)?.registered.model;
      const traffic = model === undefined ? undefined : deps.traffics.get(model);
      if (!traffic) return null;
      const { variant, arm } = assign(traffic, who);
      const registered = arm?.registered;
      if (!registered) return { variant, own: null, instead: variant };
      const asKind = (version: AnyLive) => ofKind(slots, kind, version);
      return {
        variant,
        instead: insteadOf(variant.name, variant.experiment).variant,
        own: {
          peek() {
            const version = cache.get(registered.artifact);
            return version && asKind(version);
          },
          async load() {
            try {
              return asKind(cache.get(registered.artifact) ?? cache.keep(await cache.load(registered)));
            } catch (error) {
              refuseArm(arm, error, deps.retryMs);
              throw error;
            }
          },
        },
      };
    },
  };
}

async function acquireVersion(
  { cache, registry }: AcquireDeps,
  model: string | undefined,
  ref: string,
): Promise<AnyLive> {
  if (model === undefined) throw problem('not-found', 'there is no model yet, so no version of one');
  const isNumber = /^\d+$/.test(ref);
  const registered = isNumber ? await registry.get(model, Number(ref)) : await registry.resolve(model, ref);
  if (!registered) {
    const what = isNumber ? `version ${ref}` : `alias ${JSON.stringify(ref)}`;
    throw problem('not-found', `the model ${JSON.stringify(model)} has no ${what}`);
  }
  return cache.get(registered.artifact) ?? cache.keep(await loadForRequest(cache, registered));
}

async function loadForRequest(cache: VersionCache<AnyLive>, registered: RegisteredVersion): Promise<AnyLive> {
  try {
    return await cache.load(registered);
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

/** Null, so that popularity answers, when it cannot be read now and nothing stands in. */
async function reload(deps: AcquireDeps, slot: Slot, registered: RegisteredVersion): Promise<AnyLive | null> {
  const { cache, logger } = deps;
  try {
    const version = await cache.load(registered);
    // A newer one may have come meanwhile.
    if (slot.live === registered) return cache.keep(version);
    return (slot.live && cache.get(slot.live.artifact)) ?? version;
  } catch (error) {
    logger.error(
      { model: registered.model, reason: messageOf(error) },
      'an unloaded model cannot be loaded again',
    );
    const isDamaged = error instanceof AppError && error.code === 'invalid-artifact';
    if (!isDamaged || slot.live !== registered) return null;
    // The next look at the registry refuses it in order, and tries it again when its time has come.
    slot.live = null;
    return standIn(deps, slot);
  }
}

/**
 * Waits until a first version that is being loaded can answer, within reason: who has just been told that a job succeeded
 * asks for recommendations next, not for popularity.
 */
async function firstVersion(settled: () => Promise<void>): Promise<void> {
  const late = new AbortController();
  await Promise.race([
    settled(),
    sleep(FIRST_VERSION_MS, undefined, { signal: late.signal, ref: false }).catch(() => {}),
  ]);
  late.abort();
}
