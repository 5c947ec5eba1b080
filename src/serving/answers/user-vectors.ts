import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryRow, UserStore } from '../../store/data/contract.ts';
import type { LiveModel } from '../models/live-model.ts';
import type { ServingDeps } from './serving-deps.ts';

/** The vectors of many users, each of length 1. */
export interface UserVectors {
  ids: string[];
  /** [users x width] */
  vectors: Float32Array;
  /** How many users there are in all. */
  of: number;
  /** Milliseconds since 1970. */
  computedAt: number;
}

export interface UserVectorDeps extends Pick<ServingDeps, 'traits' | 'now'> {
  users: Pick<UserStore, 'newest'>;
  /** Past the cache: everybody's history would push out those that are asked for. */
  readHistory(userId: string, limit: number): Promise<readonly HistoryRow[]>;
}

/** Where there are more users, those are compared who came last. */
export const MOST_USERS = 20_000;
/** Rows of a history that a vector of the list is made from. */
const ROWS = 2_000;
const RENEW_MS = 10 * 60_000;
/** Milliseconds for which other requests may be kept waiting. */
const SLICE_MS = 3;

/** The vector of a user, of length 1; null where the student has nothing to go by. */
export async function vectorOf(
  { traits, now }: Pick<ServingDeps, 'traits' | 'now'>,
  model: LiveModel,
  userId: string,
  history: readonly HistoryRow[],
): Promise<Float32Array | null> {
  const side = await traits.of(model, userId);
  // Nothing is awaited from here on: the next call overwrites what this one has computed.
  const { rows, weights, disliked } = model.fold(history, now());
  if (!model.answers(rows, side)) return null;
  return unit(model.scorer.userVector(rows, weights, side, disliked));
}

/** The vectors of the newest users by a model: made at the first question, and anew where they have become old. */
export function createUserVectors(deps: UserVectorDeps): (model: LiveModel) => Promise<UserVectors> {
  const lists = new WeakMap<LiveModel, { made: Promise<UserVectors>; latest: UserVectors | null }>();

  function renew(model: LiveModel): Promise<UserVectors> {
    const entry = { made: computeAll(deps, model), latest: null as UserVectors | null };
    lists.set(model, entry);
    entry.made.then(
      (made) => {
        entry.latest = made;
      },
      () => lists.delete(model),
    );
    return entry.made;
  }

  return async (model) => {
    const known = lists.get(model);
    if (!known) return renew(model);
    if (!known.latest) return known.made;
    // Whoever asks first once it is old waits for the new one.
    return Math.abs(deps.now() - known.latest.computedAt) < RENEW_MS ? known.latest : renew(model);
  };
}

async function computeAll(deps: UserVectorDeps, model: LiveModel): Promise<UserVectors> {
  const computedAt = deps.now();
  const { userIds, of } = await deps.users.newest(MOST_USERS);
  const ids: string[] = [];
  let vectors = new Float32Array(0);
  let until = performance.now() + SLICE_MS;
  for (const userId of userIds) {
    const vector = await vectorOf(deps, model, userId, await deps.readHistory(userId, ROWS));
    if (vector) {
      if (vectors.length === 0) vectors = new Float32Array(userIds.length * vector.length);
      vectors.set(vector, ids.length * vector.length);
      ids.push(userId);
    }
    if (performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
  return { ids, vectors, of, computedAt };
}

/** A copy of length 1; a vector of zeros stays one, and is like nobody. */
function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => value / length);
}
