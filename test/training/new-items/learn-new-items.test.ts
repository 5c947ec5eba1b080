import { describe, expect, it } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import type { StudentWeights } from '../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../src/core/rng.ts';
import type { Csr } from '../../../src/dataset/matrix.ts';
import { encodeAll } from '../../../src/features/encoding.ts';
import { createHashTest } from '../../../src/scoring/item-hash.ts';
import { withNewItems } from '../../../src/scoring/new-items.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { createEngine } from '../../../src/tensor/engine.ts';
import { learnNewItems, type NewItemsData } from '../../../src/training/new-items/learn-new-items.ts';

const ITEMS = 200;
const USERS = 120;
const HISTORY = 12;
const rng = createRng(1);
const isLeft = (n: number) => n % 2 === 0;
const items = Array.from({ length: ITEMS }, (_, i) => `item-${i}`);

/** Users of two groups take items of their own alone. */
function histories(): Csr {
  const indices = Array.from({ length: USERS }, (_, user) => {
    const own = rng.shuffle(Int32Array.from({ length: ITEMS / 2 }, (_, i) => 2 * i + (user % 2)));
    return [...own.slice(0, HISTORY)].sort((a, b) => a - b);
  }).flat();
  return {
    rows: USERS,
    columns: ITEMS,
    indptr: Int32Array.from({ length: USERS + 1 }, (_, row) => row * HISTORY),
    indices: Int32Array.from(indices),
    values: new Float32Array(indices.length).fill(1),
  };
}

/** A student that knows the groups: the first direction tells them apart, the second is noise. */
function student(of: Csr): StudentWeights {
  const rows = Float32Array.from({ length: 2 * ITEMS }, (_, i) =>
    i % 2 === 0 ? (isLeft(i / 2) ? 1 : -1) : rng.next() - 0.5,
  );
  const itemsOut = quantizeRows(rows, ITEMS, 2);
  const popularity = new Float32Array(ITEMS);
  for (const item of of.indices) popularity[item]!++;
  return {
    itemsIn: itemsOut,
    itemsOut,
    userBias: new Float32Array(2),
    inner: null,
    itemBias: new Float32Array(ITEMS).map(() => 3 * rng.next()),
    popularity,
    quantization: 'int8',
    normalization: 'l2',
    activation: 'identity',
  };
}

const described = (categories: (item: number) => string[]) =>
  items.map((itemId, i) => ({ itemId, categories: categories(i), features: { noise: `n${(i * 7) % 5}` } }));

const machine = { engine: await createEngine(), signal: new AbortController().signal };

function learn(
  weights: StudentWeights,
  data: Partial<NewItemsData['catalogue']>,
  more: Partial<NewItemsData> = {},
) {
  const catalogue = { described: [], fresh: 3, leftOut: [], ...data };
  return learnNewItems(weights, { histories: matrix, catalogue, items, seed: 5, ...more }, machine);
}

const matrix = histories();
const weights = student(matrix);

describe('items that come after the training', async () => {
  const learned = await learn(weights, {
    described: described((i) => [isLeft(i) ? 'left' : 'right']),
    leftOut: ['x', 'y'],
  });

  it('are recommended where hidden items are found by what is said of them, with the figures', () => {
    const { report } = learned;
    expect(report).toMatchObject({ inCatalogue: 3, recommended: true });
    expect(report.fields).toContain('categories');
    const { 'recall@20': recall, byChance, shareOf20, shareOf10 } = report.validation!;
    expect(recall).toBeGreaterThan(1.5 * byChance);
    expect(shareOf20).toBeGreaterThan(0.1);
    expect(shareOf20).toBeLessThanOrEqual(0.31);
    expect(shareOf10).toBeLessThan(shareOf20);
  });

  it('are above those of the other group in ranking, and are like their own group', () => {
    const { encoding, leftOut } = learned.weights.features!.items!;
    const bags = encodeAll(encoding, [
      { categories: ['left'], features: {} },
      { categories: ['right'], features: {} },
    ]);
    const longer = withNewItems(learned.weights, bags);
    const scorer = createStudentScorer(longer);
    const out = new Float32Array(ITEMS + 2);
    scorer.scoresInto([0, 2, 4], [1, 1, 1], out);
    expect(out[ITEMS]!).toBeGreaterThan(out[ITEMS + 1]!);
    const { q, scale } = longer.alike;
    expect(Math.sign(q[2 * ITEMS]! * scale[ITEMS]!)).toBe(1);
    expect(Math.sign(q[2 * ITEMS + 2]! * scale[ITEMS + 1]!)).toBe(-1);
    const isLeftOut = createHashTest(leftOut);
    expect(['x', 'y', 'z'].map(isLeftOut)).toEqual([true, true, false]);
  });

  it('get fewer of the places where the catalogue has very many of them', async () => {
    const many = await learn(weights, {
      described: described((i) => [isLeft(i) ? 'left' : 'right']),
      fresh: 10_000,
    });
    expect(many.report.validation!.shareOf20).toBeLessThan(0.01);
  });

  it('stay out where what is said has nothing to do with who takes them, and the student stays as it is', async () => {
    const noise = await learn(weights, { described: described(() => []) });
    expect(noise.report).toMatchObject({ inCatalogue: 3, recommended: false });
    expect(noise.report.reason).toContain('no better than chance');
    expect(noise.weights).toBe(weights);
  });

  it('stay out of catalogues that say nothing, and of those that are too small to tell', async () => {
    const silent = await learn(weights, { described: items.map(() => null), fresh: 0 });
    expect(silent.report).toEqual({
      inCatalogue: 0,
      recommended: false,
      reason: 'the catalogue says nothing of the items that several of them have in common',
    });
    const few = { ...matrix, rows: 10 };
    const small = await learn(
      weights,
      { described: described((i) => [isLeft(i) ? 'left' : 'right']) },
      { histories: few },
    );
    expect(small.report.reason).toMatch(/^validation needs 10 hidden items and 50 users/);
  });
});
