import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, emptyCsr } from '../../src/dataset/matrix.ts';
import { evaluate, type Ranker } from '../../src/evaluation/evaluate.ts';
import { fitScale, scaleUsers } from '../../src/evaluation/score-scale.ts';
import { csrOf } from '../helpers/data.ts';

const ranker = (row: number[], more: Partial<Ranker> = {}): Ranker => ({
  name: 'one',
  scores: ({ rows }) => Float32Array.from({ length: rows * row.length }, (_, i) => row[i % row.length]!),
  ...more,
});
const all = ({ rows }: Csr) => Int32Array.from({ length: rows }, (_, u) => u);

/** Each of the items is held out for as many users as given. */
function taken(...counts: number[]) {
  const heldOut = csrOf(
    counts.flatMap((count, item) =>
      Array.from({ length: count }, () => counts.map((_, i) => Number(i === item))),
    ),
  );
  return { histories: emptyCsr(heldOut.rows, counts.length), heldOut };
}

describe('the scale of scores', () => {
  it('makes the softmax as sure as the held-out items are frequent', () => {
    const data = taken(8, 2);
    // Of two items the one is taken four times as often: the difference of the scaled scores is log 4.
    expect(fitScale(ranker([30, 10]), data, all(data.heldOut))).toBeCloseTo(Math.log(4) / 20, 6);
    expect(fitScale(ranker([0.003, 0.001]), data, all(data.heldOut))).toBeCloseTo(Math.log(4) / 0.002, 2);
  });

  it('gives the least loss of all scales, which is what evaluation calls calibrated', async () => {
    const data = { ...taken(5, 1, 3, 2), popularity: new Float32Array(4) };
    const scores = [400, 100, 150, 300];
    const scale = fitScale(ranker(scores), data, all(data.heldOut))!;
    const lossAt = async (by: number) => {
      const { outcomes } = await evaluate([ranker(scores, { scale: by })], data, { ks: [1] });
      const { loss, calibratedLoss } = outcomes[0]!.metrics;
      const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
      return { raw: mean(loss!), calibrated: mean(calibratedLoss!) };
    };
    const { raw, calibrated } = await lossAt(scale);
    expect(raw).toBeGreaterThan(50);
    expect(calibrated).toBeLessThan(Math.log(4));
    for (const factor of [0.5, 0.9, 1.1, 2]) {
      expect((await lossAt(factor * scale)).calibrated).toBeGreaterThan(calibrated);
    }
    expect((await lossAt(1)).calibrated).toBe(raw);
  });

  it('is of the items that the user is not known to have', () => {
    const { histories, heldOut } = taken(8, 2, 0);
    const known = csrOf(Array.from({ length: 10 }, () => [0, 0, 1]));
    const scale = fitScale(ranker([30, 10, 1000]), { histories, known, heldOut }, all(heldOut));
    expect(scale).toBeCloseTo(Math.log(4) / 20, 6);
  });

  it('stays positive and finite where scores say nothing, the contrary or everything', () => {
    const against = fitScale(ranker([1, 2, 3]), taken(9, 1, 0), all(taken(9, 1, 0).heldOut))!;
    expect(against).toBeGreaterThan(0);
    expect(against).toBeLessThan(1e-3);
    const always = fitScale(ranker([3, 2, 1]), taken(10, 0, 0), all(taken(10, 0, 0).heldOut))!;
    expect(always).toBeGreaterThan(10);
    expect(always).toBeLessThan(1e5);
  });

  it.each([
    ['equal', [2, 2]],
    ['not numbers', [Number.NaN, 1]],
    ['infinite', [Number.POSITIVE_INFINITY, 1]],
    ['on no list', [Number.NEGATIVE_INFINITY, 1]],
  ])('is none of scores that are %s', (_, scores) => {
    expect(fitScale(ranker(scores), taken(3, 2), all(taken(3, 2).heldOut))).toBeNull();
  });

  it('is none without users, or of a ranker that says nothing of them', () => {
    const data = taken(3, 2);
    expect(fitScale(ranker([2, 1]), data, new Int32Array(0))).toBeNull();
    expect(fitScale(ranker([2, 1], { covers: () => false }), data, all(data.heldOut))).toBeNull();
  });

  it('is fitted on users whose held-out pairs nobody was taught, where there are enough', () => {
    const { shuffle } = createRng(1);
    const { heldOut } = taken(30, 10);
    const users = (isUntaught: (user: number) => boolean) =>
      [...scaleUsers(heldOut, isUntaught, shuffle)].sort();
    expect(users((user) => user % 2 === 0)).toHaveLength(20);
    expect(users((user) => user < 3)).toHaveLength(0);
    const wide = { ...heldOut, columns: 1 << 17 };
    expect(scaleUsers(wide, () => true, shuffle)).toHaveLength(16);
  });
});
