import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { emptyCsr } from '../../../src/dataset/matrix.ts';
import { AVERAGE } from '../../../src/teacher/several/ensemble.ts';
import { keepTop, mixTops, spreadOut } from '../../../src/teacher/several/top-terms.ts';

const ROWS = 2;

function random(items: number, seed: number): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: ROWS * items }, () => rng.normal());
}

describe('tops of lists', () => {
  it('are the whole lists of a small catalogue, and mix as they do', () => {
    const own = emptyCsr(ROWS, 20);
    const [a, b] = [random(20, 1), random(20, 2)];
    const mixed = spreadOut(
      mixTops(
        [
          { top: keepTop(a, own), share: 0.25 },
          { top: keepTop(b, own), share: 0.75 },
        ],
        AVERAGE,
      ),
    );
    mixed.forEach((value, at) => {
      expect(value).toBeCloseTo(0.25 * a[at]! + 0.75 * b[at]!, 5);
    });
  });

  it('hold the 300 greatest of a large one, and as many more as the user has items', () => {
    const items = 5_000;
    const scores = random(items, 3);
    const own = { ...emptyCsr(ROWS, items), indptr: Int32Array.of(0, 2, 2) };
    const { indptr, indices, values, floors } = keepTop(scores, own);
    expect([...indptr]).toEqual([0, 302, 602]);
    for (let r = 0; r < ROWS; r++) {
      const row = scores.subarray(r * items, (r + 1) * items);
      const size = indptr[r + 1]! - indptr[r]!;
      const greatest = row.slice().sort().slice(-size);
      expect(values.slice(indptr[r]!, indptr[r + 1]!).sort()).toEqual(greatest);
      expect(floors[r]).toBe(greatest[0]);
      const distinct = new Set(indices.subarray(indptr[r]!, indptr[r + 1]!));
      expect(distinct.size).toBe(size);
    }
  });

  it('fill up with items that equal the floor where nearly all are equal', () => {
    const items = 1_000;
    const scores = new Float32Array(ROWS * items);
    scores[7] = 1;
    const { indptr, indices, floors } = keepTop(scores, emptyCsr(ROWS, items));
    expect([...indptr]).toEqual([0, 300, 600]);
    expect([...floors]).toEqual([0, 0]);
    expect(indices[0]).toBe(7);
  });

  it('count as their floor where another list has an item that they do not', () => {
    const items = 1_000;
    const up = Float32Array.from({ length: ROWS * items }, (_, i) => i % items);
    const down = up.map((x) => -x);
    const own = emptyCsr(ROWS, items);
    const { some } = mixTops(
      [
        { top: keepTop(up, own), share: 0.5 },
        { top: keepTop(down, own), share: 0.5 },
      ],
      AVERAGE,
    );
    // The best of the first is on no top of the second, which begins at -299 there.
    const best = some.indices.subarray(0, some.indptr[1]!).indexOf(999);
    expect(some.values[best]).toBeCloseTo(0.5 * 999 + 0.5 * -299);
  });
});
