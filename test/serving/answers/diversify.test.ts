import { describe, expect, test } from 'vitest';
import type { QuantizedRows } from '../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../src/core/rng.ts';
import { runAtOnce, runInSlices } from '../../../src/core/slices.ts';
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

/** Diversifies in plain JavaScript, each candidate compared with all that stand above it each time. */
function plainly(
  { rows, scores }: typeof candidates,
  { q, width }: QuantizedRows,
  k: number,
  diversity: number,
) {
  const vectors = rows.map((row) => q.subarray(row * width, (row + 1) * width));
  const inverse = vectors.map(
    (vector) => 1 / (Math.sqrt(vector.reduce((sum, code) => sum + code ** 2, 0)) || 1),
  );
  const cosine = (i: number, j: number) =>
    vectors[i]!.reduce((sum, code, d) => sum + code * vectors[j]![d]!, 0) * inverse[i]! * inverse[j]!;
  const span = scores[0]! - scores.at(-1)! || 1;
  const chosen = [0];
  while (chosen.length < Math.min(k, rows.length)) {
    let [best, bestValue] = [-1, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < rows.length; i++) {
      if (chosen.includes(i)) continue;
      const closest = Math.max(...chosen.map((above) => cosine(i, above)));
      const value = (1 - diversity) * ((scores[i]! - scores.at(-1)!) / span) - diversity * closest;
      if (value > bestValue) [best, bestValue] = [i, value];
    }
    chosen.push(best);
  }
  return chosen.map((i) => rows[i]!);
}

describe('in WebAssembly', () => {
  const rng = createRng(7);
  const random = (count: number, width: number) => {
    const q = Int8Array.from({ length: count * width }, () => rng.int(255) - 127);
    // A row of zeros is like nothing.
    q.fill(0, 3 * width, 4 * width);
    const scores = Array.from({ length: count }, () => rng.normal()).sort((x, y) => y - x);
    const all = { rows: count, width, q, scale: new Float32Array(count).fill(1) };
    return { all, candidates: { rows: [...scores.keys()].reverse(), scores } };
  };

  test('gives the lists that the same arithmetic gives in JavaScript, for all widths and sizes', () => {
    for (const [count, width, k] of [
      [40, 13, 40],
      [7, 1, 3],
      [150, 64, 20],
    ] as const) {
      const { all, candidates } = random(count, width);
      for (const diversity of [0.2, 0.7, 1]) {
        const found = runAtOnce(diversify(candidates, all, k, diversity)).rows;
        expect(found).toEqual(plainly(candidates, all, k, diversity));
      }
    }
  });

  test('lists that take turns do not get into each other', () => {
    const [one, two] = [random(30, 24), random(50, 24)];
    const [first, second] = [
      diversify(one.candidates, one.all, 20, 0.5),
      diversify(two.candidates, two.all, 20, 0.5),
    ];
    for (let i = 0; i < 10; i++) [first.next(), second.next()];
    expect(runAtOnce(first).rows).toEqual(plainly(one.candidates, one.all, 20, 0.5));
    expect(runAtOnce(second).rows).toEqual(plainly(two.candidates, two.all, 20, 0.5));
  });
});

test('work in slices ends when nobody waits for it, and gives back what it holds', async () => {
  const gone = new AbortController();
  let [parts, given] = [0, false];
  function* endless() {
    try {
      for (;;) {
        parts++;
        if (parts === 3) gone.abort(new Error('gone'));
        yield;
      }
    } finally {
      given = true;
    }
  }
  await expect(runInSlices(endless(), gone.signal)).rejects.toThrow('gone');
  expect(given).toBe(true);
});
