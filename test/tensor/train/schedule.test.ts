import { describe, expect, it } from 'vitest';
import { type Schedule, scheduleFactor } from '../../../src/tensor/train/schedule.ts';

const factors = (schedule: Schedule | undefined, steps: number) =>
  Array.from({ length: steps }, (_, step) => Number(scheduleFactor(schedule, step).toFixed(6)));

describe('the factor of the learning rate', () => {
  it('is 1 without a schedule', () => {
    expect(factors(undefined, 2)).toEqual([1, 1]);
  });

  it('warms up from its first share at step 0, so that no step is lost, to all of it', () => {
    expect(factors({ kind: 'constant', warmupSteps: 4 }, 6)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  });

  it('falls in a line after the warm-up to what is left in the end, and stays there', () => {
    const schedule: Schedule = { kind: 'linear', warmupSteps: 2, totalSteps: 6, finalFraction: 0.2 };
    expect(factors(schedule, 8)).toEqual([0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2]);
  });

  it('falls along half a cosine', () => {
    const half = (1 + Math.SQRT1_2) / 2;
    const expected = [1, half, 0.5, 1 - half, 0].map((x) => Number(x.toFixed(6)));
    expect(factors({ kind: 'cosine', totalSteps: 4 }, 5)).toEqual(expected);
  });

  it('falls within one step where that is its length', () => {
    expect(factors({ kind: 'linear', totalSteps: 1 }, 2)).toEqual([1, 0]);
  });

  it.each([undefined, 0, 0.5])('is refused where the length of a decay is %s', (totalSteps) => {
    expect(() =>
      scheduleFactor({ kind: 'linear', ...(totalSteps !== undefined && { totalSteps }) }, 0),
    ).toThrow(
      expect.objectContaining({
        code: 'invalid-training-input',
        detail: `a linear schedule needs totalSteps >= 1, got ${totalSteps}`,
      }),
    );
  });
});
