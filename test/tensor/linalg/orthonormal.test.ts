import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { orthonormal } from '../../../src/tensor/linalg/orthonormal.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';

const rng = createRng(8);

/** Checks that the columns are orthonormal, or zero, and that a has no part outside of them. */
async function expectBasis(a: Float32Array, n: number, k: number): Promise<void> {
  const engine = await testEngine();
  const input = engine.tf.tensor2d(a, [n, k]);
  const basis = orthonormal(engine, input);
  const q = basis.dataSync();
  engine.tf.dispose([input, basis]);
  const dot = (x: ArrayLike<number>, i: number, y: ArrayLike<number>, j: number) => {
    let sum = 0;
    for (let r = 0; r < n; r++) sum += x[r * k + i]! * y[r * k + j]!;
    return sum;
  };
  for (let i = 0; i < k; i++) {
    let inside = 0;
    for (let j = 0; j < k; j++) {
      const product = dot(q, i, q, j);
      if (i !== j) expect(Math.abs(product)).toBeLessThan(1e-5);
      else expect(Math.abs(product * (product - 1))).toBeLessThan(1e-5);
      inside += dot(a, i, q, j) ** 2;
    }
    const all = dot(a, i, a, i);
    expect(Math.abs(all - inside)).toBeLessThan(1e-4 * all + 1e-12);
  }
}

const random = (length: number) => Float32Array.from({ length }, () => rng.normal());

describe('an orthonormal basis', () => {
  it('spans tall and square matrices', async () => {
    await expectBasis(random(12_000 * 6), 12_000, 6);
    await expectBasis(random(300 * 6), 300, 6);
    await expectBasis(random(8 * 6), 8, 6);
  });

  it('spans tall matrices of very different columns, and of columns that depend on each other', async () => {
    const scaled = random(20_000 * 4).map((x, at) => x * 10 ** -(2 * (at % 4)));
    await expectBasis(scaled, 20_000, 4);
    const dependent = random(20_000 * 4);
    for (let r = 0; r < 20_000; r++) dependent[r * 4 + 3] = dependent[r * 4]! - dependent[r * 4 + 1]!;
    await expectBasis(dependent, 20_000, 4);
  });

  it('leaves no tensor behind', async () => {
    const { tf, ...engine } = await testEngine();
    for (const values of [random(20_000 * 4), new Float32Array(20_000 * 4)]) {
      await expectNoLeak(async () => {
        const a = tf.tensor2d(values, [20_000, 4]);
        orthonormal({ tf, ...engine }, a).dispose();
        a.dispose();
      });
    }
  });
});
