import { LEARNED_SEED } from '../../artifact/learned.ts';
import { includesHash } from '../../core/hash-set.ts';
import { type Csr, filterEntries, rowLength } from '../../dataset/matrix.ts';
import { hashesOfPairs, type Pairs } from '../../dataset/split/split-parts.ts';
import { LEAST_USERS } from '../../dataset/split/take-out.ts';
import type { LearnedByVersion } from '../teachers/learned-before.ts';
import { NotComparable } from './find-live.ts';

/** Test pairs by what a version learned from, [users, items] each. */
export interface FairTest {
  /** Pairs that it has not learned from: the comparison is over them. */
  heldOut: Csr;
  /** Pairs that it has learned from. Nobody is asked for them, and nobody may spend a place on them. */
  learned: Csr;
}

/**
 * Parts the test pairs by what a version learned from. All are fair where nobody knows what that was.
 * @throws NotComparable where fewer than ten users have pairs that it has not learned from
 */
export function fairTest(
  test: Pick<Pairs, 'users' | 'items' | 'matrix'>,
  known: LearnedByVersion | null,
): FairTest {
  const { matrix } = test;
  const hashes = known && hashesOfPairs(test, LEARNED_SEED);
  const isLearned = (p: number) => known !== null && includesHash(known.all, hashes![p]!);
  const heldOut = filterEntries(matrix, (p) => !isLearned(p));
  refuseFew(usersOf(heldOut), usersOf(matrix));
  return { heldOut, learned: filterEntries(matrix, isLearned) };
}

/** @throws NotComparable where the version has learned from all but a few of the test @param who of whom they are, in the plural */
export function refuseFew(left: number, of: number, who = 'users'): void {
  if (left >= LEAST_USERS) return;
  throw new NotComparable(
    left === 0
      ? 'it has learned from everything in the test, so that nothing fair can be said'
      : `of the test, ${left} of ${of} ${who} are left when what it has learned from is taken out, and ${LEAST_USERS} are needed for anything fair to be said`,
    'too-little-data',
  );
}

/** Number of users with a pair. */
export function usersOf(matrix: Csr): number {
  let users = 0;
  for (let u = 0; u < matrix.rows; u++) users += Number(rowLength(matrix, u) > 0);
  return users;
}
