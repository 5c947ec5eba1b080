import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { type Csr, columnSums } from '../../../../src/dataset/matrix.ts';
import type { Split } from '../../../../src/dataset/split/split.ts';
import type { Teacher } from '../../../../src/teacher/contract.ts';
import { assess, type Contestants } from '../../../../src/training/tasks/ranking/assess.ts';
import { sampleWeights } from '../../../artifact/sample-student.ts';
import { csrOf } from '../../../helpers/data.ts';
import { testEngine } from '../../../helpers/engine.ts';

const ITEMS = 4;

// By weight in training the order of the items is 1, 2, 3, 0.
const train = csrOf([
  [1, 0, 0, 0],
  [0, 9, 6, 3],
]);
const validation = csrOf([
  [0, 1, 0, 0],
  [0, 0, 0, 0],
]);
const test = csrOf([
  [0, 0, 1, 0],
  [0, 0, 0, 0],
]);
const matrix = csrOf([
  [1, 1, 1, 0],
  [0, 9, 6, 3],
]);

/** Returns the items that the teacher is asked about, and the best of them, for the only user with a test pair. */
async function assessed(more: Partial<Split>) {
  const { tf } = await testEngine();
  const asked: number[][] = [];
  const teacher = {
    kind: 'numbers',
    description: 'numbers',
    parameters: 4,
    bytes: 16,
    scores(histories: Csr) {
      asked.push([...histories.indices]);
      return tf.tensor2d(Array.from({ length: histories.rows }, () => [0, 9, 5, 1]));
    },
  } as Partial<Teacher> as Teacher;
  const weights = { ...sampleWeights(ITEMS, 2), popularity: columnSums(train) };
  const controls = { alone: { weights }, best: { weights, description: 'small', tried: [] } };
  const scores = ({ rows }: Csr) => new Float32Array(rows * ITEMS);
  const split: Split = {
    train,
    validation,
    test,
    foldIn: csrOf([Array(ITEMS).fill(0), Array(ITEMS).fill(0)]),
    validationIsHistory: true,
    kinds: new Uint8Array(2),
    ...more,
  };
  const dataset = {
    users: ['a', 'b'],
    items: ['0', '1', '2', '3'],
    matrix,
    firstSeen: new Float64Array(matrix.indices.length).fill(Number.NaN),
    hash: '',
  };
  const assessment = await assess(
    { teacher, student: { weights, scores } as Contestants['student'], controls },
    { split, dataset },
    { ks: [1], recallDenominator: 'testSize', maxHistory: 500, unseenShare: 0, seeds: [1] },
    createRng(1),
    () => {},
  );
  const recalls = Object.fromEntries(
    assessment.models.map(({ name, metrics }) => [name, metrics['recall@1']!.value]),
  );
  return { asked, recalls, testUsers: assessment.testUsers };
}

describe('the assessment of a job', () => {
  // Teacher and popularity put item 1 first, which is the validation pair, and item 2 next, which is the test pair.
  it('asks with training and validation pairs, and ranks neither of them', async () => {
    const { asked, recalls, testUsers } = await assessed({});
    expect(testUsers).toBe(1);
    expect(asked.at(-1)).toEqual([0, 1]);
    expect(recalls).toMatchObject({ teacher: 1, popularity: 1 });
  });

  it('ranks no validation pairs either where they are not history', async () => {
    const { asked, recalls } = await assessed({ validationIsHistory: false });
    expect(asked.at(-1)).toEqual([0]);
    expect(recalls).toMatchObject({ teacher: 1, popularity: 1 });
  });
});
