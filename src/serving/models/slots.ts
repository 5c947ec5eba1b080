import { type AppError, problem } from '../../core/errors.ts';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { type AnyLive, isOfKind, type Kind, type LiveKinds, NOT_OF_KIND } from './kinds.ts';

/** A version that could not be loaded, and when it is tried again: files may have been repaired. */
export interface Refusal {
  version: number;
  artifact: string;
  reason: string;
  retryable: boolean;
  tries: number;
  /** By `performance.now()`. */
  retryAt: number;
}

/** The state of one model that the registry has behind the alias. The loaded version itself is in the cache. */
export interface Slot {
  /** The version that the alias points at, whether it is loaded or not. */
  registered: RegisteredVersion;
  /** The version that answers, whether it is in memory or was unloaded. It stays when its successor is refused. */
  live: RegisteredVersion | null;
  /** The kind of the version that was loaded last; undefined before any was. */
  kind: Kind | undefined;
  refused: Refusal | null;
  /** Versions of before that could not be loaded to stand in, with the reasons. */
  unsound: ReadonlyMap<number, string>;
}

/** Models by name, of all kinds. */
export type Slots = ReadonlyMap<string, Slot>;

/** The newest version of each model that has none behind the live alias, by the name of the model. */
export type Waiting = ReadonlyMap<string, RegisteredVersion>;

/**
 * The model that a request means: the named one, else the first of its kind that is preferred; null where there is none, and for a
 * model that has versions and none of them live.
 * @throws problem('not-found') for a name that the registry does not have
 */
export function findSlot(
  slots: Slots,
  kind: Kind,
  name: string | undefined,
  preferred: readonly string[],
  waiting: Waiting,
): Slot | null {
  const chosen = name ?? defaultOf(slots, kind, preferred);
  if (chosen === null) return null;
  const slot = slots.get(chosen);
  if (slot) return slot;
  if (waiting.has(chosen)) return null;
  throw unknownModel(chosen, [...slots.keys(), ...waiting.keys()].sort());
}

/** The version as one of the kind that is asked for. @throws problem('invalid-request') that names the models of that kind */
export function ofKind<K extends Kind>(slots: Slots, kind: K, version: AnyLive): LiveKinds[K] {
  if (isOfKind(version, kind)) return version;
  const others = namesOf(slots, kind).filter((name) => name !== version.name);
  throw problem(
    'invalid-request',
    `Model ${version.name} ${NOT_OF_KIND[kind]}: ${others.join(', ') || 'none yet'}.`,
  );
}

/** Models of which nothing was loaded yet may be of any kind. */
function namesOf(slots: Slots, kind: Kind): string[] {
  return [...slots].filter(([, slot]) => (slot.kind ?? kind) === kind).map(([name]) => name);
}

/** The first preferred model that is there; one that nobody prefers has come since the preferences were read. */
export function defaultOf(slots: Slots, kind: Kind, preferred: readonly string[]): string | null {
  const names = namesOf(slots, kind);
  return preferred.find((name) => names.includes(name)) ?? names[0] ?? null;
}

function unknownModel(name: string, names: readonly string[]): AppError {
  const there = names.length > 0 ? `there are: ${names.join(', ')}` : 'there is none yet';
  return problem('not-found', `there is no model ${JSON.stringify(name)}; ${there}`, { models: [...names] });
}
