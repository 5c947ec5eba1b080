import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import type { TeacherState } from '../../../src/teacher/contract.ts';
import { restoreTeacher, type SingleSettings, trainTeacher } from '../../../src/teacher/registry.ts';
import { type ItemMap, mapHistories } from '../../../src/teacher/stored/map-items.ts';
import { remapState } from '../../../src/teacher/stored/remapped.ts';
import { describeTeacher } from '../../contract/teacher-suite.ts';
import { csrOf, ITEMS } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { readScores } from '../../helpers/scores.ts';

/** Item i of the new order is `order[i]` of the old one. */
const order = createRng(3).shuffle(Int32Array.from({ length: ITEMS }, (_, item) => item));
const reordered: ItemMap = {
  rows: ITEMS,
  columns: ITEMS,
  indptr: Int32Array.from({ length: ITEMS + 1 }, (_, item) => item),
  indices: order,
  values: new Float32Array(ITEMS).fill(1),
};

/** The histories as they were before the catalogue was re-ordered. */
function before(train: Csr): Csr {
  const dense = Array.from({ length: train.rows }, () => new Array<number>(ITEMS).fill(0));
  for (let row = 0; row < train.rows; row++) {
    for (let p = train.indptr[row]!; p < train.indptr[row + 1]!; p++)
      dense[row]![order[train.indices[p]!]!] = train.values[p]!;
  }
  return csrOf(dense);
}

const teachers: SingleSettings[] = [
  { kind: 'ease', lambda: [1], form: 'primal' },
  {
    kind: 'softmax',
    hidden: [16],
    epochs: 30,
    batchSize: 8,
    learningRate: 0.02,
    dropout: 0.3,
    weightDecay: 0,
  },
];
for (const settings of teachers) {
  describeTeacher({
    name: `remapped ${settings.kind}`,
    async train(context) {
      const old = await trainTeacher(settings, { ...context, train: before(context.train) });
      const state = remapState(old.state(), reordered);
      const teacher = restoreTeacher(context.engine, structuredClone(state));
      old.dispose();
      return teacher;
    },
    seeded: settings.kind === 'softmax',
    linearOverlap: 0.7,
  });
}

describe('a teacher of three items for a catalogue of four', () => {
  /** Scores are twice the history, plus the item's own number. */
  const state: TeacherState = {
    kind: 'student',
    settings: { kind: 'student', normalization: 'none', activation: 'identity', tied: false },
    epochs: 1,
    tensors: {
      itemsIn: { shape: [3, 3], values: Float32Array.of(2, 0, 0, 0, 2, 0, 0, 0, 2) },
      itemsOut: { shape: [3, 3], values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) },
      userBias: { shape: [3], values: new Float32Array(3) },
      itemBias: { shape: [3], values: Float32Array.of(1, 2, 6) },
    },
  };
  // The third of old, an unknown item, one like the first two, the first of old; the second of old is gone.
  const map = csrOf([
    [0, 0, 1],
    [0, 0, 0],
    [0.25, 0.75, 0],
    [1, 0, 0],
  ]);

  it('knows its items by their rows, the others by those that stand for them, or by the mean', async () => {
    const teacher = restoreTeacher(await testEngine(), remapState(state, map));
    // In old items: [2, 0, 1], so old scores of [5, 2, 8].
    const [scores] = readScores(teacher, csrOf([[1, 7, 0, 2]]));
    expect(scores![0]).toBeCloseTo(8, 5);
    expect(scores![1]).toBeCloseTo(5, 5);
    expect(scores![2]).toBeCloseTo(0.25 * 5 + 0.75 * 2, 5);
    expect(scores![3]).toBeCloseTo(5, 5);
    // A new item in the history counts as those that stand for it: [.25, .75, 0].
    const [like] = readScores(teacher, csrOf([[0, 0, 1, 0]]));
    expect(like![3]).toBeCloseTo(1.5, 5);
    expect(like![2]).toBeCloseTo(0.25 * 1.5 + 0.75 * 3.5, 5);
    teacher.dispose();
  });

  it('gives its parts in the rows of the new catalogue', async () => {
    const teacher = restoreTeacher(await testEngine(), remapState(state, map));
    const { itemsIn, itemsOut, itemBias } = teacher.foldIn!();
    expect([...itemsIn]).toEqual([0, 0, 2, 2 / 3, 2 / 3, 2 / 3, 0.5, 1.5, 0, 2, 0, 0].map(Math.fround));
    expect([...itemsOut]).toEqual([0, 0, 1, 1 / 3, 1 / 3, 1 / 3, 0.25, 0.75, 0, 1, 0, 0].map(Math.fround));
    expect([...itemBias]).toEqual([6, 3, 1.75, 1]);
    const identity = Float32Array.from({ length: 16 }, (_, at) => (at % 5 === 0 ? 1 : 0));
    const linear = teacher.project(identity, 4, csrOf([[1, 0, 0, 0]]));
    // From a history of one item, less what the item biases give; the unknown one says nothing.
    expect([...linear].map((x) => Math.round(x * 1000) / 1000)).toEqual(
      [
        [2, 2 / 3, 0, 0],
        [0, 0, 0, 0],
        [0, 2 / 3, 1.25, 0.5],
        [0, 2 / 3, 0.5, 2],
      ]
        .flat()
        .map((x) => Math.round(x * 1000) / 1000),
    );
    teacher.dispose();
  });

  it('that is carried over twice is as one that was carried over once, and no larger', async () => {
    // The fourth catalogue has the like one, the unknown one, and the first of old.
    const next = csrOf([
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 1],
    ]);
    const twice = remapState(remapState(state, map), next);
    const once = remapState(
      state,
      csrOf([
        [0.25, 0.75, 0],
        [0, 0, 0],
        [1, 0, 0],
      ]),
    );
    expect(twice).toEqual(once);
  });
});

describe('a history in order', () => {
  it('keeps its order; a new item stands where it was, as the old one that is most like it', () => {
    const histories = {
      ...csrOf([[1, 1, 1, 1]]),
      order: Int32Array.of(3, 0, 2, 1),
      rowIds: Int32Array.of(5),
    };
    const mapped = mapHistories(
      csrOf([
        [0, 0, 1],
        [0, 0, 0],
        [0.25, 0.75, 0],
        [1, 0, 0],
      ]),
      histories,
    );
    expect(mapped.rowIds).toEqual(Int32Array.of(5));
    expect([...mapped.indices]).toEqual([0, 1, 2]);
    expect([...mapped.order!]).toEqual([1, 2, 3]);
  });

  it('has an item once, where it was last', () => {
    const histories = { ...csrOf([[1, 1]]), order: Int32Array.of(0, 1) };
    const mapped = mapHistories(csrOf([[1], [1]]), histories);
    expect([...mapped.indices]).toEqual([0]);
    expect([...mapped.order!]).toEqual([1]);
  });
});
