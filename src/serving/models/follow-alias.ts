import { AppError, messageOf } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { type AnyLive, isOfKind, type Kind, type Loaders } from './kinds.ts';
import type { Slot } from './slots.ts';
import { type StandInDeps, standIn } from './stand-in.ts';
import type { Warming } from './warming.ts';

const LONGEST_RETRY_MS = 900_000;

export interface FollowDeps extends StandInDeps {
  /** Kept up to date here. */
  slots: Map<string, Slot>;
  loaders: Loaders;
  warming: Warming;
  /** When a damaged version is first tried again; the pause doubles from there. */
  retryMs: number;
  /** True for versions that answer somebody beside the one that is live. */
  isNeeded(artifact: string): boolean;
}

/**
 * Brings the slots to what the alias points at: versions are loaded and verified aside, warmed, and swapped in by one
 * reference. One that cannot be loaded is refused with the reason, and the version before it goes on answering, or at the start the
 * newest sound one of the alias's history.
 */
export async function followAlias(deps: FollowDeps, registered: readonly RegisteredVersion[]): Promise<void> {
  const { slots, cache } = deps;
  for (const [name, { live }] of slots) {
    if (registered.some(({ model }) => model === name)) continue;
    slots.delete(name);
    if (live) cache.drop(live.artifact);
  }
  for (const version of registered) await keepUp(deps, version);
  for (const { live } of slots.values()) if (live) await renew(deps, live.artifact);
}

async function keepUp(deps: FollowDeps, registered: RegisteredVersion): Promise<void> {
  const { slots, logger } = deps;
  const { model, version, artifact } = registered;
  const slot = slots.get(model) ?? {
    registered,
    live: null,
    kind: undefined,
    refused: null,
    unsound: new Map(),
  };
  slots.set(model, slot);
  slot.registered = registered;
  const isSame = (other: { version: number; artifact: string } | null) =>
    other?.version === version && other.artifact === artifact;
  if (isSame(slot.live)) {
    slot.refused = null;
    return;
  }
  const before = isSame(slot.refused) ? slot.refused : null;
  // A damaged artifact is read again now and then, since files can be repaired; one that could not be read at once.
  if (before && !before.retryable && performance.now() < before.retryAt) return;
  try {
    await replace(deps, slot, registered);
    logger.info({ model, version }, 'model is live');
  } catch (error) {
    const reason = messageOf(error);
    if (!before) logger.error({ model, version, reason }, 'model refused');
    const retryable = !(error instanceof AppError) || error.retryable;
    const tries = (before?.tries ?? 0) + 1;
    const retryAt = performance.now() + pauseAfter(tries, deps.retryMs);
    slot.refused = { version, artifact, reason, retryable, tries, retryAt };
    if (!slot.live) await standIn(deps, slot);
  }
}

/** Milliseconds until a damaged version is tried again. */
export function pauseAfter(tries: number, retryMs: number): number {
  return Math.min(LONGEST_RETRY_MS, retryMs * 2 ** (tries - 1));
}

async function replace(
  { cache, warming, isNeeded }: FollowDeps,
  slot: Slot,
  registered: RegisteredVersion,
): Promise<void> {
  const next = cache.peek(registered.artifact) ?? (await cache.load(registered));
  const former = slot.live && cache.peek(slot.live.artifact);
  if (former) await warming.warm(next, former);
  // First, so that the two together push nobody else out.
  if (slot.live && !isNeeded(slot.live.artifact)) cache.retire(slot.live.artifact);
  cache.keep(next);
  slot.kind = next.kind;
  slot.live = registered;
  slot.refused = null;
}

/** A version that answers, with what has changed around it, such as items that the catalogue has got since. */
export async function renew(
  { cache, loaders, warming, logger }: FollowDeps,
  artifact: string,
): Promise<void> {
  const former = cache.peek(artifact);
  const next = former && (await renewAs(loaders, former.kind, former));
  if (!former || !next) return;
  await warming.warm(next, former);
  // Another version may be live by now, or this one unloaded.
  if (cache.peek(former.artifact) !== former) return;
  cache.keep(next);
  logger.info({ model: next.name, version: next.version }, 'a version that answers was renewed');
}

async function renewAs<K extends Kind>(loaders: Loaders, kind: K, version: AnyLive): Promise<AnyLive | null> {
  return isOfKind(version, kind) ? ((await loaders[kind].renew?.(version)) ?? null) : null;
}
