import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InteractionStore } from '../store/store.ts';
import { MAX_SEEN } from './history.ts';
import type { LiveModel } from './live-model.ts';

const USERS = 200;
const K = 10;

/** Answers the users who were there last with the new version, aside: their histories are in its cache then. */
export function createWarmUp(
  store: { interactions: Pick<InteractionStore, 'history'> },
  now: () => number,
): (next: LiveModel, former: LiveModel) => Promise<void> {
  return async (next, former) => {
    for (const userId of former.users.recent(USERS)) {
      const expected = next.users.expect(userId);
      const history = await store.interactions.history(userId, MAX_SEEN);
      const { rows, weights, seen } = next.fold(history, now());
      if (rows.length === 0) continue;
      const vector = next.scorer.userVector(rows, weights);
      next.users.put(userId, expected, { vector, seen }, now());
      next.scorer.kernel.topK(vector, K);
      await nextTurn();
    }
  };
}
