import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Histories } from '../caches/histories.ts';
import type { LiveModel } from './live-model.ts';

const USERS = 500;
const K = 10;
/** Far more than they take on a machine that has time; on one that has none a change of versions must not wait for them. */
const LONGEST_MS = 150;

/**
 * Answers the users who were there last with the new version, aside, for as long as a change of versions may wait: their vectors
 * are in its cache then.
 */
export function createWarmUp(
  histories: Histories,
  now: () => number,
): (next: LiveModel, former: LiveModel) => Promise<void> {
  return async (next, former) => {
    // What is said of the users would have to be read for each.
    if (next.encodeUser) return;
    const until = performance.now() + LONGEST_MS;
    for (const userId of former.users.recent(USERS)) {
      if (performance.now() > until) return;
      const expected = next.users.expect(userId);
      const history = histories.kept(userId) ?? (await histories.of(userId));
      const { rows, weights, seen, disliked } = next.fold(history, now(), next.tasks[0].seenTypes);
      if (rows.length === 0) continue;
      const vector = next.scorer.userVector(rows, weights, null, disliked);
      next.users.put(userId, expected, { vector, seen }, now());
      await next.findTop({ vector, k: K, leftOut: [] });
      await nextTurn();
    }
  };
}
