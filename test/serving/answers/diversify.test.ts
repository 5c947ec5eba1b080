import { describe, expect, test } from 'vitest';
import type { QuantizedRows } from '../../../src/artifact/student/student-weights.ts';
import { runAtOnce } from '../../../src/core/slices.ts';
import { diversify } from '../../../src/serving/answers/diversify.ts';

// Rows of a matrix by name: `a` and `c` point the same way, `b` across, `d` between the two.
const [a, b, c, d] = [0, 1, 2, 3];
const items: QuantizedRows = {
  rows: 4,
  width: 2,
  q: Int8Array.of(100, 0, 0, 50, 20, 0, 7, 7),
  scale: Float32Array.of(1, 1, 1, 1),
};
/** They are as relevant as they score: from 1 to 0. */
const candidates = { rows: [a, b, c, d], scores: [1, 0.9, 0.8, 0] };
const order = (diversity: number, k = 4) => runAtOnce(diversify(candidates, items, k, diversity));

describe('maximal marginal relevance', () => {
  test('compares with all that stand above, not with the last one alone', () => {
    // Third place: c has 0.2 * 0.8 - 0.8 * 1 = -0.64, as a points the same way; d has 0.2 * 0 - 0.8 * 0.707 = -0.57.
    expect(order(0.8)).toEqual({ rows: [a, b, d, c], scores: [1, 0.9, 0, 0.8] });
  });

  test('goes by relevance where that weighs more', () => {
    // Second place: b has 0.9 * 0.9 = 0.81, c has 0.9 * 0.8 - 0.1 = 0.62; third: c 0.62, d -0.07.
    expect(order(0.1).rows).toEqual([a, b, c, d]);
  });

  test('fills no more than k places, and those that there are', () => {
    expect(order(0.8, 3).rows).toEqual([a, b, d]);
    expect(order(0.8, 9).rows).toHaveLength(4);
  });

  test('of equal ones takes the first', () => {
    const same = { rows: [c, a], scores: [1, 1] };
    expect(runAtOnce(diversify(same, items, 2, 0.5)).rows).toEqual([c, a]);
  });
});
