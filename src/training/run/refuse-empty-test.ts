import { problem } from '../../core/errors.ts';
import type { Split } from '../../dataset/split/split.ts';

/** Refuses a job without a test part, before hours of training and not after them. */
export function refuseEmptyTest(split: Split): void {
  if (split.test.indices.length > 0) return;
  throw problem(
    'not-enough-data',
    "The split holds out nothing for the test: no user has enough pairs that count (three pairs where each user's are split)",
  );
}
