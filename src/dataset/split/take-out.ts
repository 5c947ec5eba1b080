import { type HashSet, includesHash } from '../../core/hash-set.ts';
import { drawOfId } from '../../core/id-hash.ts';
import { FOLD_IN, hashesOfPairs, type Pairs, TEST, TRAIN, VALIDATION } from './split-parts.ts';

/** The pairs that models at work in a job have learned from before. */
export interface LearnedBefore {
  /** Those that anybody in the report's tables has learned from: they are no test. */
  test: HashSet;
  /** Those that the teacher has learned from: nothing can be chosen by them. */
  validation: HashSet;
  /** Seed of the hashes. */
  hashSeed: number;
}

/** How many pairs were taken out of the parts, and of how many. */
export interface TakenOut {
  test: { taken: number; of: number };
  validation: { taken: number; of: number; left: number };
  /** Test pairs that became validation pairs, as too few of these were left. */
  testToValidation: number;
  /** Users with test pairs that are left. */
  testUsers: number;
}

/** Fewer users of a part say nothing. */
export const LEAST_USERS = 10;
/** Least number of test users of which some are spared for validation, where that has too few left. */
const ENOUGH_TO_SHARE = 100;
const SHARED = 0.2;

/**
 * Takes pairs that were learned from before out of the test and the validation part, in place. They count as history then: as
 * training pairs, or as known pairs of a user who is not trained on.
 *
 * Where validation has fewer than ten users left, it gets the test pairs of a fifth of the test users if there are a hundred, drawn
 * by their ids; otherwise the job does without.
 *
 * @param part [nnz] the part of each pair
 * @returns also [users] 1 for those of whom anything was learned from before: they are nobody whom no model has seen
 */
export function takeOut(
  part: Uint8Array,
  pairs: Pairs,
  learned: LearnedBefore,
  seed: number,
): { takenOut: TakenOut; met: Uint8Array } {
  const count = (wanted: number) => part.reduce((sum, one) => sum + Number(one === wanted), 0);
  const before = { test: count(TEST), validation: count(VALIDATION) };
  const hashes = hashesOfPairs(pairs, learned.hashSeed);
  const met = new Uint8Array(pairs.matrix.rows);
  eachUser(pairs, (user, from, to) => {
    const history = part.subarray(from, to).includes(FOLD_IN) ? FOLD_IN : TRAIN;
    for (let p = from; p < to; p++) {
      const isLearned = includesHash(learned.test, hashes[p]!);
      if (isLearned) met[user] = 1;
      const isTaken =
        (part[p] === TEST && isLearned) ||
        (part[p] === VALIDATION && includesHash(learned.validation, hashes[p]!));
      if (isTaken) part[p] = history;
    }
  });
  const after = { test: count(TEST), validation: count(VALIDATION) };
  const testToValidation =
    after.validation < before.validation && usersWith(part, pairs, VALIDATION) < LEAST_USERS
      ? refillValidation(part, pairs, seed)
      : 0;
  const takenOut = {
    test: { taken: before.test - after.test, of: before.test },
    validation: {
      taken: before.validation - after.validation,
      of: before.validation,
      left: count(VALIDATION),
    },
    testToValidation,
    testUsers: usersWith(part, pairs, TEST),
  };
  return { takenOut, met };
}

function refillValidation(part: Uint8Array, pairs: Pairs, seed: number): number {
  const isShared = usersWith(part, pairs, TEST) >= ENOUGH_TO_SHARE;
  let moved = 0;
  eachUser(pairs, (user, from, to) => {
    const own = part.subarray(from, to);
    const chosen =
      isShared && own.includes(TEST) && drawOfId(`validation ${pairs.users[user]}`, seed) < SHARED;
    own.forEach((one, p) => {
      // A handful of users would only mislead: without them there is no validation, and the report says so.
      if (one === VALIDATION && !isShared) own[p] = own.includes(FOLD_IN) ? FOLD_IN : TRAIN;
      if (one !== TEST || !chosen) return;
      own[p] = VALIDATION;
      moved++;
    });
  });
  return moved;
}

function usersWith(part: Uint8Array, pairs: Pairs, wanted: number): number {
  let users = 0;
  eachUser(pairs, (_, from, to) => {
    users += Number(part.subarray(from, to).includes(wanted));
  });
  return users;
}

function eachUser({ matrix }: Pairs, visit: (user: number, from: number, to: number) => void): void {
  for (let u = 0; u < matrix.rows; u++) visit(u, matrix.indptr[u]!, matrix.indptr[u + 1]!);
}
