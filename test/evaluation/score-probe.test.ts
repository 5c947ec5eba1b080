import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { probeLoss, probeOf } from '../../src/evaluation/score-probe.ts';
import { csrOf } from '../helpers/data.ts';

const histories = csrOf([
  [1, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 0],
]);
const probe = probeOf(histories, createRng(1));

describe('a probe of scores', () => {
  it('takes one item out of each history that has two, and leaves out users without any', () => {
    expect(probe.histories.rows).toBe(2);
    expect([0, 1]).toContain(probe.wanted[0]);
    expect([...probe.histories.indices]).toEqual([1 - probe.wanted[0]!, 2]);
    expect(probe.wanted[1]).toBe(-1);
  });

  it('takes out the newest item where there is an order', () => {
    const ordered = { ...csrOf([[1, 1, 1, 0]]), order: Int32Array.of(1, 2, 0) };
    expect([...probeOf(ordered, createRng(1)).wanted]).toEqual([1]);
  });

  it('has the loss of a guess among the items outside the history where all scores are equal', () => {
    expect(probeLoss(new Float32Array(8).fill(7), probe)).toBeCloseTo(Math.log(3), 9);
  });

  it('has a loss that grows with scores that are wrong, and by any scale', () => {
    const wrong = new Float32Array(8);
    wrong[3] = 1000;
    expect(probeLoss(wrong, probe)).toBeCloseTo(1000, 6);
    expect(probeLoss(wrong, probe, 0.01)).toBeCloseTo(Math.log(2 + Math.exp(10)), 6);
  });

  it('has an infinite loss where a score is no number', () => {
    expect(probeLoss(new Float32Array(8).fill(Number.NaN), probe)).toBe(Number.POSITIVE_INFINITY);
  });
});
