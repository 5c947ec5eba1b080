import { describe, expect, it } from 'vitest';
import { logWeights } from '../../src/dataset/log-weights.ts';

const weightsOf = (...weights: number[]) => [...logWeights(Float32Array.from(weights))].map(Math.exp);

describe('the logarithms of weights', () => {
  it('count an item that nobody has as half an interaction', () => {
    const [first, second, none] = weightsOf(4, 1, 0);
    expect(first).toBeCloseTo(4, 5);
    expect(second).toBeCloseTo(1, 6);
    expect(none).toBeCloseTo(0.5, 6);
    expect(weightsOf(8, 5, 0)[2]).toBeCloseTo(0.5, 6);
  });

  it('tell items apart that weigh less, as aged interactions do', () => {
    const [first, second, none] = weightsOf(0.02, 0.01, 0);
    expect(first! / second!).toBeCloseTo(2, 5);
    expect(none! / second!).toBeCloseTo(0.5, 5);
  });

  it('are finite and equal where nothing weighs anything', () => {
    expect([...logWeights(new Float32Array(2))]).toEqual(new Array(2).fill(Math.fround(Math.log(0.5))));
  });
});
