import { setImmediate as nextTurn } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { SimilarUsersAnswer } from '../../domain/answers/similar-users.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import type { HistoryRow, UserStore } from '../../store/data/contract.ts';
import type { LiveModel } from '../models/live-model.ts';
import { acquireFor } from './acquire-for.ts';
import type { ServingDeps } from './serving-deps.ts';

export interface SimilarUsersOptions {
  k: number;
  model?: string | undefined;
  version?: string | undefined;
}

export type FindSimilarUsers = (userId: string, options: SimilarUsersOptions) => Promise<SimilarUsersAnswer>;

/** The vectors of many users, each of length 1. */
interface UserVectors {
  ids: string[];
  /** [users x width] */
  vectors: Float32Array;
  /** How many users there are in all. */
  of: number;
  /** Milliseconds since 1970. */
  computedAt: number;
}

/** Of more users those are compared who came last. */
export const MOST_USERS = 20_000;
/** Rows of a history that a vector of the list is made from; the one who is asked about has a whole history. */
const ROWS = 2_000;
const RENEW_MS = 10 * 60_000;
/** Milliseconds for which other requests may be kept waiting. */
const SLICE_MS = 3;

interface Deps extends ServingDeps {
  users: Pick<UserStore, 'newest'>;
  /** Past the cache: everybody's history would push out those that are asked for. */
  readHistory(userId: string, limit: number): Promise<readonly HistoryRow[]>;
}

/**
 * Users by the cosine of the vectors that recommendations are scored with, exact over the newest MOST_USERS. The list of vectors is
 * made at the first question and renewed every ten minutes; those who come into an answer are compared as they are now.
 */
export function createFindSimilarUsers(deps: Deps): FindSimilarUsers {
  const { histories, traits, users, readHistory, now } = deps;
  const lists = new WeakMap<LiveModel, { made: Promise<UserVectors>; latest: UserVectors | null }>();

  /** Null where the student has nothing to go by. */
  async function vectorOf(
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

  async function computeAll(model: LiveModel): Promise<UserVectors> {
    const computedAt = now();
    const { userIds, of } = await users.newest(MOST_USERS);
    const ids: string[] = [];
    let vectors = new Float32Array(0);
    let until = performance.now() + SLICE_MS;
    for (const userId of userIds) {
      const vector = await vectorOf(model, userId, await readHistory(userId, ROWS));
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

  /** Whoever asks while it is renewed gets the one of before. */
  async function vectorsFor(model: LiveModel): Promise<UserVectors> {
    const known = lists.get(model);
    if (known?.latest && Math.abs(now() - known.latest.computedAt) < RENEW_MS) return known.latest;
    if (!known || known.latest) {
      const entry = { made: computeAll(model), latest: null as UserVectors | null };
      const before = known?.latest ?? null;
      lists.set(model, entry);
      entry.made.then(
        (made) => {
          entry.latest = made;
        },
        () => lists.delete(model),
      );
      return before ?? entry.made;
    }
    return known.made;
  }

  /** The best of the list, compared anew as they are now: who was erased is gone. */
  async function compare(
    model: LiveModel,
    userId: string,
    vector: Float32Array,
    k: number,
    all: UserVectors,
  ) {
    const candidates = nearest(all, vector, userId, 2 * k + 20);
    const found: { userId: string; score: number }[] = [];
    for (const candidate of candidates) {
      const other = await vectorOf(model, candidate, await histories.of(candidate));
      if (other) found.push({ userId: candidate, score: dot(vector, other, 0) });
    }
    return found
      .sort((a, b) => b.score - a.score)
      .slice(0, k)
      .map((user) => ({ ...user, score: shownScore(user.score) }));
  }

  return async (userId, { k, model: name, version }) => {
    const { model } = await acquireFor(deps, { model: name, version });
    if (!model) throw problem('not-found', 'There is no usable model yet; similar users come from one.');
    const history = await histories.of(userId);
    const vector = await vectorOf(model, userId, history);
    const answering = { name: model.name, version: model.version, task: model.tasks[0].name };
    if (!vector) {
      if (history.length === 0)
        throw problem('not-found', `Nothing is known of user ${JSON.stringify(userId)}.`);
      const reason = `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`;
      return { userId, users: [], reason, reasonCode: 'nothing-counts', searched: null, model: answering };
    }
    const all = await vectorsFor(model);
    const found = await compare(model, userId, vector, k, all);
    return {
      userId,
      users: found,
      ...(found.length < k && {
        reason: `only ${found.length} other users have a vector`,
        reasonCode: 'few-fit' as const,
      }),
      searched: { users: all.ids.length, of: all.of, at: new Date(all.computedAt).toISOString() },
      model: answering,
    };
  };
}

/** @returns ids, the most similar first */
function nearest(
  { ids, vectors }: UserVectors,
  vector: Float32Array,
  userId: string,
  count: number,
): string[] {
  const scores = Float32Array.from(ids, (_, i) => dot(vector, vectors, i * vector.length));
  const order = Int32Array.from(ids, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  return Array.from(order.subarray(0, count + 1), (i) => ids[i]!)
    .filter((id) => id !== userId)
    .slice(0, count);
}

function dot(vector: Float32Array, others: Float32Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * others[from + i]!;
  return sum;
}

/** A copy of length 1; a vector of zeros stays one, and is like nobody. */
function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  return vector.map((value) => value / length);
}
