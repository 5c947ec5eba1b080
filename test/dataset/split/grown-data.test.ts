import { describe, expect, it } from 'vitest';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { type Split, type SplitPlan, splitPairs } from '../../../src/dataset/split/split.ts';
import { type Pairs, TRAIN } from '../../../src/dataset/split/split-parts.ts';
import { splitEntities } from '../../../src/training/tasks/labels/split.ts';
import { csrOf } from '../../helpers/data.ts';

const SEED = 9;

/** Users have every item but those that `isGone`; all at one time, so that lots decide. */
function pairsOf(
  users: readonly string[],
  items: readonly string[],
  isGone: (user: string, item: string) => boolean,
): Pairs {
  const matrix = csrOf(users.map((user) => items.map((item) => Number(!isGone(user, item)))));
  return {
    users,
    items,
    matrix,
    firstSeen: new Float64Array(matrix.indices.length).fill(1),
    part: new Uint8Array(matrix.indices.length).fill(TRAIN),
  };
}

const ids = (from: number, to: number, name: string) =>
  Array.from({ length: to - from }, (_, i) => `${name}${String(from + i).padStart(3, '0')}`);

/** "user item" -> the name of its part. */
function partsOf(split: Split, { users, items }: Pairs): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of ['train', 'validation', 'test', 'foldIn'] as const) {
    const part: Csr = split[name];
    for (let u = 0; u < part.rows; u++)
      for (let p = part.indptr[u]!; p < part.indptr[u + 1]!; p++)
        found.set(`${users[u]} ${items[part.indices[p]!]}`, name);
  }
  return found;
}

// Users u100 to u199 and items i10 to i19 stand amid and before those that come: rows and columns all move.
const before = pairsOf(ids(100, 200, 'u'), ids(10, 30, 'i'), () => false);
const after = pairsOf(
  [...ids(0, 50, 'u'), ...ids(100, 250, 'u')],
  ids(0, 40, 'i'),
  // The new items are those of the new users, and of the first ten of the old ones.
  (user, item) => user >= 'u110' && user < 'u200' && (item < 'i010' || item >= 'i030'),
);
const others = [...partsOf(splitPairs(before, plan('random'), SEED), before).keys()].filter(
  (pair) => pair >= 'u110',
);

function plan(strategy: 'random' | 'last-fraction'): SplitPlan {
  return { strategy, testFraction: 0.2, validationFraction: 0.1 };
}

describe('a split of data that grew', () => {
  it.each<SplitPlan>([
    plan('random'),
    plan('last-fraction'),
    { strategy: 'leave-last-out' },
    { strategy: 'types', test: 'a', validationFraction: 0.2 },
  ])('leaves all pairs of the users who have no more than before where they were: $strategy', (split) => {
    const [earlier, later] = [before, after].map((pairs) => partsOf(splitPairs(pairs, split, SEED), pairs));
    expect(new Set(others.map((pair) => earlier!.get(pair))).size).toBeGreaterThan(1);
    expect(others.filter((pair) => later!.get(pair) !== earlier!.get(pair))).toEqual([]);
  });

  it('moves of the users who have twice as many pairs only as many as the counts ask for', () => {
    const [earlier, later] = [before, after].map((pairs) =>
      partsOf(splitPairs(pairs, plan('random'), SEED), pairs),
    );
    const grown = [...earlier!.keys()].filter((pair) => pair < 'u110');
    const test = grown.filter((pair) => earlier!.get(pair) === 'test');
    expect(test).toHaveLength(40);
    // The threshold of the greatest fifth of the lots is where it was but for chance; were lots drawn anew, 8 would stay.
    expect(test.filter((pair) => later!.get(pair) === 'test').length).toBeGreaterThan(24);
  });

  it('of users leaves held-out users held out', () => {
    const users: SplitPlan = {
      strategy: 'held-out-users',
      testFraction: 0.2,
      validationFraction: 0.2,
      foldInFraction: 0.5,
    };
    const heldOut = (pairs: Pairs) => {
      const { test } = splitPairs(pairs, users, SEED);
      return pairs.users.filter((_, u) => test.indptr[u + 1]! > test.indptr[u]!);
    };
    const [earlier, later] = [heldOut(before), heldOut(after)];
    expect([earlier.length, later.length]).toEqual([20, 40]);
    // Were they drawn anew, 4 would stay.
    expect(earlier.filter((user) => later.includes(user)).length).toBeGreaterThan(14);
  });

  it('of entities with labels leaves them in their parts', () => {
    const fractions = { testFraction: 0.2, validationFraction: 0.1 };
    const testOf = (entities: string[]) => {
      const { test } = splitEntities(
        { entities, isKnown: new Uint8Array(entities.length).fill(1) },
        fractions,
        SEED,
      );
      return Array.from(test, (row) => entities[row]!);
    };
    const earlier = testOf(ids(100, 200, 'u'));
    const later = testOf([...ids(0, 50, 'u'), ...ids(100, 250, 'u')]);
    expect(earlier).toHaveLength(20);
    expect(earlier.filter((id) => later.includes(id)).length).toBeGreaterThan(14);
  });

  it('draws another lot for another seed', () => {
    const [one, two] = [SEED, SEED + 1].map((seed) =>
      partsOf(splitPairs(before, plan('random'), seed), before),
    );
    const test = [...one!.keys()].filter((pair) => one!.get(pair) === 'test');
    const both = test.filter((pair) => two!.get(pair) === 'test').length / test.length;
    expect(both).toBeGreaterThan(0.1);
    expect(both).toBeLessThan(0.3);
  });
});
