import { describe, expect, it } from 'vitest';
import { emptyCsr } from '../../../src/dataset/matrix.ts';
import { addTerm, type Combining, nothing, termOf } from '../../../src/teacher/several/combine.ts';
import { csrOf } from '../../helpers/data.ts';

const how = (combine: Combining['combine'], more: Partial<Combining> = {}): Combining => ({
  combine,
  temperature: 1,
  constant: 60,
  ...more,
});

const term = (row: number[], own: number[], combining: Combining) => {
  const history = Array.from(row, (_, item) => Number(own.includes(item)));
  const owned = own.length > 0 ? csrOf([history]) : emptyCsr(1, row.length);
  return Array.from(termOf(Float32Array.from(row), owned, combining));
};

function sumOf(terms: number[][], shares: number[], combining: Combining): number[] {
  const sum = nothing(terms[0]!.length, combining);
  for (const [i, one] of terms.entries()) addTerm(sum, Float32Array.from(one), shares[i]!, combining);
  return Array.from(sum);
}

const expectClose = (found: number[], wanted: number[]) => {
  expect(found).toHaveLength(wanted.length);
  for (const [i, x] of wanted.entries()) expect(found[i]!).toBeCloseTo(x, 5);
};

describe('teachers are combined', () => {
  it('as the weighted mean of standardized scores, whatever their scales', () => {
    const large = term([100, 300, 200, 200], [], how('average'));
    expectClose(large, [-Math.SQRT2, Math.SQRT2, 0, 0]);
    expectClose(term([1, 3, 2, 2], [], how('average')), large);
    const small = term([0.04, 0.02, 0.02, 0.04], [], how('average'));
    expectClose(small, [1, -1, -1, 1]);
    const sum = sumOf([large, small], [0.75, 0.25], how('average'));
    expectClose(sum, [0.25 - 0.75 * Math.SQRT2, 0.75 * Math.SQRT2 - 0.25, -0.25, 0.25]);
  });

  it('as the weighted mean of distributions over the items that are not own ones', () => {
    // Deviation 1: the softmax at temperature 1/log(3) over the last two gives shares of 1/10 and 9/10.
    const combining = how('distributions', { temperature: 1 / Math.log(3) });
    const one = term([1, -1, 1], [0], combining).map(Math.exp);
    const scale = 1 / Math.sqrt(8 / 9);
    const share = 1 / (1 + 3 ** (2 * scale));
    expectClose(one.slice(1), [share, 1 - share]);
    // An own item has the share that it would have among the others, and takes none from them.
    expect(one[0]!).toBeCloseTo(one[2]!, 5);
    const logs = [
      [Math.log(0.5), Math.log(0.5)],
      [Math.log(0.9), Math.log(0.1)],
    ];
    expectClose(sumOf(logs, [0.75, 0.25], combining).map(Math.exp), [0.6, 0.4]);
  });

  it('by reciprocal ranks among the items that are not own ones, ties alike', () => {
    const ranks = term([5, 9, 7, 7, 1], [1], how('rank-fusion'));
    expectClose(
      ranks.map((x) => 1 / x),
      [63, 61, 61, 61, 64],
    );
    const other = term([9, 5, 1, 7, 2], [1], how('rank-fusion', { constant: 0 }));
    expectClose(
      other.map((x) => 1 / x),
      [1, 3, 4, 2, 3],
    );
    expectClose(sumOf([ranks, other], [0.5, 0.5], how('rank-fusion')), [
      (1 / 63 + 1) / 2,
      (1 / 61 + 1 / 3) / 2,
      (1 / 61 + 1 / 4) / 2,
      (1 / 61 + 1 / 2) / 2,
      (1 / 64 + 1 / 3) / 2,
    ]);
  });

  it.each(['average', 'distributions', 'rank-fusion'] as const)(
    'by %s so that one who says nothing of a user changes no order',
    (combine) => {
      const combining = how(combine);
      const silent = term([3, 3, 3], [], combining);
      const speaking = term([1, 3, 2], [], combining);
      const sum = sumOf([silent, speaking], [0.9, 0.1], combining);
      expect(sum.every(Number.isFinite)).toBe(true);
      expect(sum[1]!).toBeGreaterThan(sum[2]!);
      expect(sum[2]!).toBeGreaterThan(sum[0]!);
      const nobody = sumOf([silent, silent], [0.5, 0.5], combining);
      expect(new Set(nobody).size).toBe(1);
    },
  );
});
