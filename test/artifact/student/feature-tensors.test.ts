import { expect, it } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import { fromTensors, shapeOf, toTensors } from '../../../src/artifact/student/student-tensors.ts';
import { parameterCount, type StudentWeights } from '../../../src/artifact/student/student-weights.ts';
import { withNewItems } from '../../../src/scoring/new-items.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { sampleWeights } from '../sample-student.ts';

const encoding = (known: number[]) => ({
  buckets: 100,
  fields: [{ name: 'categories', kind: 'tokens' as const }],
  known,
});
const table = (rows: number, width: number) =>
  quantizeRows(
    Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i + 1)),
    rows,
    width,
  );

function withFeatures(plain: StudentWeights = sampleWeights(12, 4)): StudentWeights {
  return {
    ...plain,
    features: {
      items: {
        encoding: encoding([3, 20, 77]),
        itemsIn: table(3, 4),
        itemsOut: table(3, 4),
        itemBias: Float32Array.of(0.5, -0.5, 0.25),
      },
      users: { encoding: encoding([8, 9]), usersIn: table(2, 4) },
    },
  };
}

it('features come back as they were stored, and count as parameters', () => {
  const weights = withFeatures();
  expect(fromTensors(toTensors(weights), shapeOf(weights)).features).toEqual(weights.features);
  expect(parameterCount(weights)).toBe(parameterCount(sampleWeights(12, 4)) + 2 * 12 + 3 + 8);
});

it('refuses buckets out of order, tables that are missing, and students that cannot read them', () => {
  const weights = withFeatures();
  const shape = shapeOf(weights);
  const unsorted = toTensors(weights).set('F.known', {
    dtype: 'I32',
    shape: [3],
    data: Int32Array.of(3, 77, 20),
  });
  expect(() => fromTensors(unsorted, shape)).toThrow('F.known holds 20 at 2');
  const beyond = toTensors(weights).set('U.known', { dtype: 'I32', shape: [2], data: Int32Array.of(8, 100) });
  expect(() => fromTensors(beyond, shape)).toThrow('U.known holds 100 at 1');
  const without = toTensors(weights);
  without.delete('U.q');
  expect(() => fromTensors(without, shape)).toThrow('tensor U.q is missing');
  expect(() => fromTensors(toTensors(weights), { ...shape, tasks: [{ name: 'a', types: [] }] })).toThrow(
    'features of users are read by students that sum histories up for one task',
  );
});

it('adds rows of new items and what is said of a user, by hand', () => {
  const weights = withFeatures();
  const bags = {
    rows: 2,
    columns: 3,
    indptr: Int32Array.of(0, 1, 3),
    indices: Int32Array.of(1, 0, 2),
    values: Float32Array.of(1, 0.6, 0.8),
  };
  const scorer = createStudentScorer(withNewItems(weights, bags));
  const side = { columns: Int32Array.of(1), values: Float32Array.of(1) };
  const { usersIn } = weights.features!.users!;
  const alone = [...createStudentScorer(weights).userVector([2, 5], [1, 2])];
  const vector = [...scorer.userVector([2, 5], [1, 2], side)];
  vector.forEach((value, k) => {
    expect(value).toBeCloseTo(alone[k]! + usersIn.scale[1]! * usersIn.q[4 + k]!, 5);
  });
  const scores = new Float32Array(14);
  scorer.scoresInto([2, 5], [1, 2], scores, side);
  const { itemsOut, itemBias } = weights.features!.items!;
  const dot = (row: number) =>
    vector.reduce((sum, x, k) => sum + x * itemsOut.scale[row]! * itemsOut.q[4 * row + k]!, 0);
  expect(scores[12]).toBeCloseTo(dot(1) + itemBias[1]!, 1);
  expect(scores[13]).toBeCloseTo(0.6 * (dot(0) + itemBias[0]!) + 0.8 * (dot(2) + itemBias[2]!), 1);
});
