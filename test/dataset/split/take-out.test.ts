import { describe, expect, it } from 'vitest';
import { EMPTY_SET, hashSetOf } from '../../../src/core/hash-set.ts';
import { type Csr, rowLength } from '../../../src/dataset/matrix.ts';
import { type Split, type SplitPlan, splitPairs } from '../../../src/dataset/split/split.ts';
import { hashesOfPairs, type Pairs } from '../../../src/dataset/split/split-parts.ts';
import type { LearnedBefore } from '../../../src/dataset/split/take-out.ts';
import { csrOf, pairsOf } from '../../helpers/data.ts';

const SEED = 4;
const PLAN: SplitPlan = { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.2 };

function dataOf(users: number): Pairs {
  const matrix = csrOf(Array.from({ length: users }, () => new Array(10).fill(1)));
  // The items come in the order of their ids.
  return pairsOf(
    matrix,
    Float64Array.from(matrix.indices, (item) => item),
  );
}

/** The pairs that are wanted as a model has learned from them. */
function learnedOf(pairs: Pairs, isLearned: (user: number, item: number) => boolean): LearnedBefore {
  const hashes = hashesOfPairs(pairs, 0).filter((_, p) => isLearned(Math.floor(p / 10), p % 10));
  return { test: hashSetOf(hashes), validation: hashSetOf(hashes), hashSeed: 0 };
}

const usersIn = (part: Csr) =>
  Array.from({ length: part.rows }, (_, u) => u).filter((u) => rowLength(part, u) > 0);
const sizes = ({ train, validation, test, foldIn }: Split) =>
  [train, validation, test, foldIn].map(({ indices }) => indices.length);

describe('pairs that a version learned from', () => {
  const pairs = dataOf(200);

  it('are trained on, and neither test nor validation', () => {
    // All pairs of the first fifty users.
    const split = splitPairs(
      pairs,
      PLAN,
      SEED,
      learnedOf(pairs, (user) => user < 50),
    );
    expect(sizes(split)).toEqual([1400, 300, 300, 0]);
    expect(Math.min(...usersIn(split.test), ...usersIn(split.validation))).toBe(50);
    expect(split.takenOut).toEqual({
      test: { taken: 100, of: 400 },
      validation: { taken: 100, of: 400, left: 300 },
      testToValidation: 0,
      testUsers: 150,
    });
    expect([...split.met!].map((one, user) => one === Number(user < 50)).every(Boolean)).toBe(true);
  });

  it('may be known to the teacher alone, or to its student alone', () => {
    const all = learnedOf(pairs, (user) => user < 50);
    const split = splitPairs(pairs, PLAN, SEED, { ...all, validation: EMPTY_SET });
    expect(sizes(split)).toEqual([1300, 400, 300, 0]);
  });

  it('stay history of users who are not trained on', () => {
    const plan: SplitPlan = {
      strategy: 'held-out-users',
      testFraction: 0.25,
      validationFraction: 0.25,
      foldInFraction: 0.5,
    };
    const before = splitPairs(pairs, plan, SEED);
    const after = splitPairs(
      pairs,
      plan,
      SEED,
      learnedOf(pairs, (_, item) => item === 9),
    );
    expect(sizes(before)).toEqual([1000, 250, 250, 500]);
    expect(sizes(after)).toEqual([1000, 200, 200, 600]);
    expect(usersIn(after.train)).toEqual(usersIn(before.train));
  });

  it('leave the split as it is where none of them is held out', () => {
    const { takenOut, met, ...split } = splitPairs(
      pairs,
      PLAN,
      SEED,
      learnedOf(pairs, (_, item) => item < 6),
    );
    expect(split).toEqual(splitPairs(pairs, PLAN, SEED));
    expect(takenOut).toMatchObject({ test: { taken: 0, of: 400 }, validation: { taken: 0, of: 400 } });
    expect(met!.every(Boolean)).toBe(true);
  });

  it('are replaced in validation by pairs of a fifth of the test users, the same for the same seed', () => {
    const learned = learnedOf(pairs, (_, item) => item < 8);
    const split = splitPairs(pairs, PLAN, SEED, learned);
    const [validated, tested] = [usersIn(split.validation), usersIn(split.test)];
    expect(validated.length).toBeGreaterThan(20);
    expect(validated.length).toBeLessThan(60);
    expect(tested.filter((user) => validated.includes(user))).toEqual([]);
    expect(validated.length + tested.length).toBe(200);
    expect(split.takenOut).toEqual({
      test: { taken: 0, of: 400 },
      validation: { taken: 400, of: 400, left: 2 * validated.length },
      testToValidation: 2 * validated.length,
      testUsers: tested.length,
    });
    expect(splitPairs(pairs, PLAN, SEED, learned)).toEqual(split);
  });

  it('leave no validation where test users are too few to share', () => {
    const few = dataOf(60);
    // Of three users nothing was learned: too few to choose anything by.
    const split = splitPairs(
      few,
      PLAN,
      SEED,
      learnedOf(few, (user, item) => user >= 3 && item < 8),
    );
    expect(sizes(split)).toEqual([480, 0, 120, 0]);
    expect(split.takenOut!.validation).toEqual({ taken: 114, of: 120, left: 0 });
  });
});
