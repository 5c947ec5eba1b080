import { problem } from '../../core/errors.ts';
import type { SimilarUsersAnswer } from '../../domain/answers/similar-users.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import type { LiveModel } from '../models/live-model.ts';
import { acquireFor } from './acquire-for.ts';
import type { ServingDeps } from './serving-deps.ts';
import { createUserVectors, type UserVectorDeps, type UserVectors, vectorOf } from './user-vectors.ts';

export interface SimilarUsersOptions {
  k: number;
  model?: string | undefined;
  version?: string | undefined;
}

export type FindSimilarUsers = (
  userId: string,
  options: SimilarUsersOptions,
  signal?: AbortSignal,
) => Promise<SimilarUsersAnswer>;

/**
 * Users by the cosine of the vectors that recommendations are scored with, exact over those who came last. Those who come into an
 * answer are compared as they are now: nobody who was erased is in it.
 */
export function createFindSimilarUsers(deps: ServingDeps & UserVectorDeps): FindSimilarUsers {
  const { histories } = deps;
  const vectorsFor = createUserVectors(deps);

  async function compare(
    model: LiveModel,
    userId: string,
    vector: Float32Array,
    k: number,
    all: UserVectors,
    signal?: AbortSignal,
  ) {
    const found: { userId: string; score: number }[] = [];
    for (const candidate of nearest(all, vector, userId, 2 * k + 20)) {
      signal?.throwIfAborted();
      const other = await vectorOf(deps, model, candidate, await histories.of(candidate));
      if (other) found.push({ userId: candidate, score: dot(vector, other, 0) });
    }
    return found
      .sort((a, b) => b.score - a.score)
      .slice(0, k)
      .map((user) => ({ ...user, score: shownScore(user.score) }));
  }

  return async (userId, { k, model: name, version }, signal) => {
    const { model, absence } = await acquireFor(deps, { model: name, version });
    if (!model) throw problem('not-found', `Similar users come from a model, and ${absence}.`);
    const history = await histories.of(userId);
    const vector = await vectorOf(deps, model, userId, history);
    const answering = { name: model.name, version: model.version, task: model.tasks[0].name };
    if (!vector) {
      if (history.length === 0)
        throw problem('not-found', `Nothing is known of user ${JSON.stringify(userId)}.`);
      const reason = `none of the user's interactions counts for model ${model.name}: their items are unknown to it or their weight is 0`;
      return { userId, users: [], reason, reasonCode: 'nothing-counts', searched: null, model: answering };
    }
    const all = await vectorsFor(model);
    const found = await compare(model, userId, vector, k, all, signal);
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
