import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { klDivergence, logSumExp, softmaxOf, sumExp } from '../../src/evaluation/softmax.ts';

const MASKED = Number.NEGATIVE_INFINITY;
const divergence = (p: Float32Array, q: Float32Array) => klDivergence(softmaxOf(p), q);

describe('the sum of exponentials', () => {
  it('is that of Math.exp to 3e-10, over the whole range that counts', () => {
    for (let x = 0; x > -39.9; x -= 0.01) {
      const score = Math.fround(x);
      const error = sumExp(Float32Array.of(score), 0) / Math.exp(score) - 1;
      expect(Math.abs(error)).toBeLessThan(3e-10);
    }
  });

  it('writes each of them, 0 for masked items and for those that change nothing', () => {
    const out = new Float32Array(4).fill(9);
    sumExp(Float32Array.of(3, MASKED, 2, -1000), 3, out);
    expect([...out]).toEqual([1, 0, Math.fround(Math.exp(-1)), 0]);
  });

  it('logSumExp does not overflow and ignores masked items', () => {
    expect(logSumExp(Float32Array.of(1000, 1000, MASKED))).toBeCloseTo(1000 + Math.LN2, 9);
    expect(logSumExp(Float32Array.of(0, 0, 0, 0))).toBeCloseTo(Math.log(4), 12);
  });
});

describe('divergence of two score vectors', () => {
  it('is the sum of p log(p / q)', () => {
    const p = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
    const q = Float32Array.of(Math.log(0.1), Math.log(0.6), Math.log(0.3));
    const expected = 0.5 * Math.log(5) + 0.3 * Math.log(0.5) + 0.2 * Math.log(2 / 3);
    expect(divergence(p, q)).toBeCloseTo(expected, 6);
  });

  it('is that of the plain formula on random scores', () => {
    const rng = createRng(1);
    const draw = () => Float32Array.from({ length: 300 }, () => 3 * rng.normal());
    const [p, q] = [draw(), draw()];
    const shares = (z: Float32Array) => {
      const all = Array.from(z, Math.exp);
      const sum = all.reduce((a, b) => a + b, 0);
      return all.map((e) => e / sum);
    };
    const [sp, sq] = [shares(p), shares(q)];
    const expected = sp.reduce((sum, share, j) => sum + share * Math.log(share / sq[j]!), 0);
    expect(divergence(p, q)).toBeCloseTo(expected, 6);
  });

  it('is 0 for scores that differ by a constant, and leaves masked items out', () => {
    const p = Float32Array.of(1, MASKED, 3, -2);
    expect(divergence(p, p)).toBeCloseTo(0, 12);
    expect(divergence(p, Float32Array.of(11, MASKED, 13, 8))).toBeCloseTo(0, 6);
  });

  it('survives scores far apart', () => {
    expect(divergence(Float32Array.of(500, -500), Float32Array.of(500, -500))).toBeCloseTo(0, 6);
    expect(divergence(Float32Array.of(500, 0), Float32Array.of(0, 500))).toBeCloseTo(500, 3);
  });
});
