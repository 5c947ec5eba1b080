import { describe, expect, it } from 'vitest';
import { type Csr, columnSums, emptyCsr, selectRows } from '../../src/dataset/matrix.ts';
import { evaluate, type Ranker } from '../../src/evaluation/evaluate.ts';
import { csrOf } from '../helpers/data.ts';

const histories = csrOf([
  [1, 0, 0, 0],
  [0, 1, 1, 0],
  [0, 0, 0, 0],
  [0, 0, 1, 0],
]);
const heldOut = csrOf([
  [0, 1, 0, 0],
  [1, 0, 0, 0],
  [0, 0, 0, 0],
  [1, 0, 0, 1],
]);
const data = { histories, heldOut, popularity: columnSums(histories) };

/** Gives every user the same scores, from one buffer that it uses again and again. */
function fixed(name: string, ...row: number[]): Ranker {
  const buffer = new Float32Array(16 * row.length);
  return {
    name,
    scores({ rows }) {
      for (let r = 0; r < rows; r++) buffer.set(row, r * row.length);
      return buffer.subarray(0, rows * row.length);
    },
  };
}

const outcomesOf = async (rankers: Ranker[], ks = [1, 2], batchSize?: number, of = data) =>
  evaluate(rankers, of, { ks, batchSize });

describe('evaluation', () => {
  it('is over the users with held-out items, and ranks only what is not in their history', async () => {
    const { users, outcomes } = await outcomesOf([fixed('one', 9, 5, 7, 6)]);
    expect([...users]).toEqual([0, 1, 3]);
    const { metrics } = outcomes[0]!;
    // User 0 has seen item 0: the list is 2, 3, 1. User 1: 0, 3. User 3: 0, 3, 1.
    expect([...metrics['hr@1']!]).toEqual([0, 1, 1]);
    expect([...metrics['recall@1']!]).toEqual([0, 1, 0.5]);
    expect([...metrics['recall@2']!]).toEqual([0, 1, 1]);
    expect([...metrics['ndcg@2']!]).toEqual([0, 1, 1]);
    expect([...metrics['hr@2']!]).toEqual([0, 1, 1]);
    expect([...metrics['mrr@2']!]).toEqual([0, 1, 1]);
    expect([...metrics['precision@2']!]).toEqual([0, 0.5, 1]);
  });

  it('masks what is known beyond the history, and scores from the history alone', async () => {
    const known = csrOf([
      [1, 0, 1, 0],
      [0, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 0, 1, 0],
    ]);
    const asked: number[] = [];
    const ranker = fixed('one', 9, 5, 7, 6);
    const watched: Ranker = {
      ...ranker,
      scores(rows) {
        asked.push(...rows.indices);
        return ranker.scores(rows);
      },
    };
    const { outcomes } = await evaluate([watched], { ...data, known }, { ks: [1, 2] });
    // User 0: 3, 1. User 1: 0. User 3: 0, 3, 1.
    expect([...outcomes[0]!.metrics['recall@1']!]).toEqual([0, 1, 0.5]);
    expect([...outcomes[0]!.metrics['recall@2']!]).toEqual([1, 1, 1]);
    expect(asked).toEqual([0, 1, 2, 2]);
  });

  it('takes the loss from the softmax over what is not masked, as a mean over the held-out items', async () => {
    const { outcomes } = await outcomesOf([fixed('one', 9, 5, 7, 6)]);
    const z = (...scores: number[]) => Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0));
    const expected = [z(5, 7, 6) - 5, z(9, 6) - 9, z(9, 5, 6) - (9 + 6) / 2];
    outcomes[0]!.metrics.loss!.forEach((loss, i) => {
      expect(loss).toBeCloseTo(expected[i]!, 5);
    });
  });

  it('divides recall as it is told to', async () => {
    const { outcomes } = await evaluate([fixed('one', 9, 5, 7, 6)], data, {
      ks: [1],
      recallDenominator: 'min',
    });
    expect([...outcomes[0]!.metrics['recall@1']!]).toEqual([0, 1, 1]);
    // User 3 has two held-out items and one place for them: it counts 1 here, a half by the size of the test.
    const histories = outcomes[0]!.segments.find(({ segment }) => segment === 'history:1-5');
    expect(histories!.metrics['recall@1']).toBeCloseTo(2 / 3, 12);
  });

  it('gives nothing for equal scores', async () => {
    const { outcomes } = await outcomesOf([fixed('flat', 1, 1, 1, 1)], [1]);
    expect([...outcomes[0]!.metrics['recall@1']!]).toEqual([0, 0, 0]);
  });

  it('finds a ranker the same as itself, also where both use one buffer', async () => {
    const ranker = fixed('one', 1, 4, 3, 2);
    const { outcomes } = await outcomesOf([ranker, { ...ranker, name: 'same' }], [1, 2, 3]);
    expect(outcomes[0]!.fidelity).toEqual({});
    const { kl, rbo, tau, ...overlaps } = outcomes[1]!.fidelity;
    expect([...kl!]).toEqual([0, 0, 0]);
    for (const x of rbo!) expect(x).toBeCloseTo(1, 12);
    expect([...tau!]).toEqual([1, 1, 1]);
    expect(Object.keys(overlaps)).toEqual(['overlap@1', 'overlap@2', 'overlap@3']);
    for (const column of Object.values(overlaps)) expect([...column]).toEqual([1, 1, 1]);
  });

  it('measures how far another ranker is from the first', async () => {
    const { outcomes } = await outcomesOf([fixed('up', 1, 2, 3, 4), fixed('down', 4, 3, 2, 1)], [1, 2]);
    // Without their histories: user 0 gets 3,2 and 1,2; user 1 gets 3,0 and 0,3; user 3 gets 3,1 and 0,1.
    expect([...outcomes[1]!.fidelity['overlap@1']!]).toEqual([0, 0, 0]);
    expect([...outcomes[1]!.fidelity['overlap@2']!]).toEqual([0.5, 1, 0.5]);
    for (const kl of outcomes[1]!.fidelity.kl!) expect(kl).toBeGreaterThan(0.1);
    expect([...outcomes[1]!.fidelity.tau!]).toEqual([-1, -1, -1]);
  });

  it('is the same for any size of batches', async () => {
    const rankers = [fixed('a', 9, 5, 7, 6), fixed('b', 5, 9, 6, 7)];
    const whole = await outcomesOf(rankers);
    expect(await outcomesOf(rankers, [1, 2], 1)).toEqual(whole);
    expect(await outcomesOf(rankers, [1, 2], 2)).toEqual(whole);
  });

  it('hands the rankers the histories of the users that it asks about', async () => {
    const asked: Csr[] = [];
    const ranker = fixed('one', 1, 2, 3, 4);
    const scores = (h: Csr) => {
      asked.push(h);
      return ranker.scores(h);
    };
    await outcomesOf([{ ...ranker, scores }], [1], 2);
    expect(asked).toEqual([selectRows(histories, [0, 1]), selectRows(histories, [3])]);
  });

  it('covers the share of the catalogue that someone is shown', async () => {
    const { outcomes } = await outcomesOf([fixed('one', 9, 5, 7, 6)], [1, 2, 3]);
    // First places: 2, 0, 0. First two: 2, 3, 0.
    const coverage = Object.entries(outcomes[0]!.exposure).map(([k, shown]) => [k, shown.coverage]);
    expect(coverage).toEqual([
      ['1', 0.5],
      ['2', 0.75],
      ['3', 1],
    ]);
  });

  it('takes k beyond the catalogue for all of it', async () => {
    const { outcomes } = await outcomesOf([fixed('a', 1, 2, 3, 4), fixed('b', 4, 3, 2, 1)], [1000]);
    expect([...outcomes[0]!.metrics['recall@1000']!]).toEqual([1, 1, 1]);
    expect([...outcomes[1]!.fidelity['overlap@1000']!]).toEqual([1, 1, 1]);
    expect([...outcomes[0]!.metrics['precision@1000']!]).toEqual([1 / 1000, 1 / 1000, 2 / 1000]);
    expect(outcomes[0]!.exposure['1000']!.coverage).toBe(1);
  });

  it('tells popular from rare items and short from long histories', async () => {
    const popularity = Float32Array.of(30, 20, 10, 1);
    const { outcomes } = await outcomesOf([fixed('one', 9, 5, 7, 6)], [1], 8, { ...data, popularity });
    const { segments } = outcomes[0]!;
    // Item 0 is head (held out for users 1 and 3, first for both), 1 torso (user 0), 3 tail (user 3).
    expect(segments.filter(({ segment }) => segment.startsWith('items'))).toEqual([
      { segment: 'items:head', count: 2, metrics: { 'recall@1': 1 } },
      { segment: 'items:torso', count: 1, metrics: { 'recall@1': 0 } },
      { segment: 'items:tail', count: 1, metrics: { 'recall@1': 0 } },
    ]);
    expect(segments.filter(({ segment }) => segment.startsWith('history'))).toEqual([
      { segment: 'history:1-5', count: 3, metrics: { 'recall@1': 0.5, 'ndcg@1': 2 / 3 } },
    ]);
  });

  it('reports how far it is, and ends at the whole', async () => {
    const fractions: number[] = [];
    await evaluate([fixed('one', 1, 2, 3, 4)], data, {
      ks: [1],
      batchSize: 1,
      onBatch: (fraction) => void fractions.push(fraction),
    });
    expect(fractions).toEqual([1 / 3, 2 / 3, 1]);
  });

  it('of nothing held out is empty', async () => {
    const nothing = { ...data, heldOut: emptyCsr(4, 4) };
    const { users, outcomes } = await outcomesOf([fixed('one', 1, 2, 3, 4)], [1], 8, nothing);
    expect(users).toHaveLength(0);
    expect(outcomes[0]!.segments).toEqual([]);
  });
});
