import { problem } from '../../core/errors.ts';
import { withoutItems } from '../../dataset/split/masked.ts';
import type { Split } from '../../dataset/split/split.ts';

/** Refuses a job without a test part, before hours of training and not after them. @param hidden items that nobody is shown */
export function refuseEmptyTest(split: Split, hidden: Int32Array = new Int32Array(0)): void {
  if (withoutItems(split.test, hidden).indices.length > 0) return;
  if (split.test.indices.length > 0) {
    throw problem(
      'not-enough-data',
      `All ${split.test.indices.length} test pairs are of items that nobody is shown (hidden, not available now, or hidden by a rule): show some of them, or leave them out of the data`,
    );
  }
  throw problem(
    'not-enough-data',
    "The split holds out nothing for the test: no user has enough pairs that count (three pairs where each user's are split)",
  );
}
