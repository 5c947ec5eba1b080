import { describe, expect, it } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import { fromTensors, shapeOf, toTensors } from '../../../src/artifact/student/student-tensors.ts';
import type { StudentWeights } from '../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { encodeSide } from '../../../src/dataset/side-inputs.ts';
import { createEncoder } from '../../../src/features/encoding.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { learnNewUsers, learnNewUsersAgain } from '../../../src/training/new-users/learn-new-users.ts';

const ITEMS = 100;
const USERS = 200;
const HISTORY = 10;
const rng = createRng(2);
const isLeft = (n: number) => n % 2 === 0;

/** Users of two groups take items of their own alone, the first ones more often. */
function histories(): Csr {
  const indices = Array.from({ length: USERS }, (_, user) => {
    const own = new Set<number>();
    while (own.size < HISTORY) own.add(2 * Math.floor((ITEMS / 2) * rng.next() ** 2) + (user % 2));
    return [...own].sort((a, b) => a - b);
  }).flat();
  return {
    rows: USERS,
    columns: ITEMS,
    indptr: Int32Array.from({ length: USERS + 1 }, (_, row) => row * HISTORY),
    indices: Int32Array.from(indices),
    values: new Float32Array(indices.length).fill(1),
  };
}

const matrix = histories();

/** The first direction tells the groups apart, the second and the biases know how popular an item is. */
function student(bias = 1): StudentWeights {
  const popularity = new Float32Array(ITEMS);
  for (const item of matrix.indices) popularity[item]!++;
  const rows = Float32Array.from({ length: 2 * ITEMS }, (_, i) =>
    i % 2 === 0 ? (isLeft(i / 2) ? 1 : -1) : popularity[(i - 1) / 2]! / 40,
  );
  const itemsOut = quantizeRows(rows, ITEMS, 2);
  return {
    itemsIn: itemsOut,
    itemsOut,
    userBias: Float32Array.of(3, -2),
    inner: null,
    itemBias: popularity.map((count) => (bias * Math.log(count + 1)) / 3),
    popularity,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
}

const usersWith = (likes: (user: number) => string) =>
  encodeSide(
    'user',
    true,
    1024,
    Array.from({ length: USERS }, (_, user) => ({ features: { likes: likes(user) } })),
  );
const byGroup = usersWith((user) => (isLeft(user) ? 'left' : 'right'));

function firstTen(weights: StudentWeights, features?: Record<string, unknown>) {
  const side = features && createEncoder(byGroup.encoding)({ features });
  const { rows } = createStudentScorer(weights).recommend([], [], 10, [], [], side);
  return Array.from(rows.subarray(0, 10));
}

describe('users of whom only features are known', () => {
  const learned = learnNewUsers(student(), { histories: matrix, users: byGroup });

  it('are answered with the items of their group where users who were left out show that this is better', () => {
    const { users, student: own, popularity, used } = learned.coldUsers!;
    expect({ users, used }).toEqual({ users: USERS, used: true });
    expect(own).toBeGreaterThan(1.3 * popularity);
    expect(firstTen(learned.weights, { likes: 'left' }).every(isLeft)).toBe(true);
    expect(firstTen(learned.weights, { likes: 'right' }).some(isLeft)).toBe(false);
  });

  it('are as popular items within a group, whatever the item biases are', () => {
    for (const bias of [0, 1, -1]) {
      const { weights } = learnNewUsers(student(bias), { histories: matrix, users: byGroup });
      const counts = firstTen(weights, { likes: 'left' }).map((item) => weights.popularity[item]!);
      const best = [...weights.popularity].filter((_, item) => isLeft(item)).sort((a, b) => b - a);
      expect(counts.slice(0, 5)).toEqual(best.slice(0, 5));
    }
  });

  it('change nothing for users with a history, nor for those of whom nothing is known', () => {
    const before = createStudentScorer(student());
    const after = createStudentScorer(learned.weights);
    const side = createEncoder(byGroup.encoding)({ features: { likes: 'left' } });
    expect([...after.userVector([3], [1], side)]).toEqual([...before.userVector([3], [1])]);
    expect([...after.userVector([], [], null)]).toEqual([...before.userVector([], [])]);
  });

  it('are left to popularity where features say nothing, where there are few users, and in a refit after that', () => {
    const noise = createRng(4);
    const users = usersWith(() => `l${Math.floor(5 * noise.next())}`);
    const silent = learnNewUsers(student(), { histories: matrix, users });
    expect(silent.coldUsers).toMatchObject({ users: USERS, used: false });
    expect(silent.weights.features).toBeUndefined();
    expect(learnNewUsersAgain(student(), { histories: matrix, users }, silent.coldUsers)).toEqual({
      weights: student(),
    });
    const few = { ...matrix, indptr: matrix.indptr.map((at) => Math.min(at, 20 * HISTORY)) };
    expect(learnNewUsers(student(), { histories: few, users: byGroup })).toEqual({ weights: student() });
  });

  it('are fitted anew in a refit, and come back from an artifact as they were', () => {
    const again = learnNewUsersAgain(student(), { histories: matrix, users: byGroup }, learned.coldUsers);
    expect(again.weights).toEqual(learned.weights);
    const { weights } = learned;
    expect(fromTensors(toTensors(weights), shapeOf(weights)).features).toEqual(weights.features);
  });
});
