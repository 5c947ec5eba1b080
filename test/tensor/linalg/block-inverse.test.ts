import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { blockStarts, invertBlocks, unfoldBlocks } from '../../../src/tensor/linalg/block-inverse.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

/** A'A + I of random numbers: symmetric and positive definite. */
function positive(n: number): number[][] {
  const rng = createRng(n);
  const a = Array.from({ length: n }, () => Array.from({ length: n }, () => rng.normal()));
  return a.map((_, i) => a.map((_, j) => a.reduce((sum, row) => sum + row[i]! * row[j]!, i === j ? 1 : 0)));
}

describe('the inverse in blocks', () => {
  it.each([
    [1, 4],
    [7, 7],
    [7, 3],
    [8, 2],
    [13, 5],
  ])('of %i rows in blocks of %i times the matrix is the identity', async (n, size) => {
    const engine = await testEngine();
    const { tf } = engine;
    const matrix = positive(n);
    const starts = blockStarts(n, size);
    await expectNoLeak(async () => {
      const cut = (i: number, j: number) =>
        tf.tensor2d(matrix.slice(starts[i], starts[i + 1]).map((row) => row.slice(starts[j], starts[j + 1])));
      const blocks = starts.slice(1).map((_, i) => Array.from({ length: i + 1 }, (_, j) => cut(i, j)));
      let pivots = 0;
      await invertBlocks(engine, blocks as never, () => void pivots++);
      expect(pivots).toBe(starts.length - 1);
      const rows = unfoldBlocks(engine, blocks as never);
      const product = tf.tidy(() => tf.matMul(tf.tensor2d(matrix), tf.concat(rows, 0) as never));
      const values = product.dataSync();
      tf.dispose([product, ...rows]);
      values.forEach((value, p) => {
        expect(value).toBeCloseTo(Math.floor(p / n) === p % n ? 1 : 0, 2);
      });
    });
  });

  it('tells how much of a pivot is done, and leaves nothing but its blocks behind where that throws', async () => {
    const engine = await testEngine();
    const { tf } = engine;
    const matrix = positive(8);
    await expectNoLeak(async () => {
      const cut = (i: number, j: number) =>
        tf.tensor2d(matrix.slice(2 * i, 2 * i + 2).map((row) => row.slice(2 * j, 2 * j + 2)));
      const blocks = Array.from({ length: 4 }, (_, i) => Array.from({ length: i + 1 }, (_, j) => cut(i, j)));
      const shares: number[] = [];
      const stop = (share: number) => {
        shares.push(share);
        if (shares.length === 2) throw new Error('stop');
      };
      await expect(invertBlocks(engine, blocks as never, () => {}, stop)).rejects.toThrow('stop');
      expect(shares).toEqual([1 / 9, 4 / 9]);
      tf.dispose(blocks.flat());
    });
  });
});
