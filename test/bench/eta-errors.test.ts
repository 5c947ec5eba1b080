import { describe, expect, it } from 'vitest';
import { etaErrors } from '../../bench/scale/eta-errors.ts';

const told = (at: number, etaSeconds: number) => ({ at, fraction: 0, etaSeconds });

describe('errors of the time left', () => {
  it('are judged after a fifth of the time, by what was really left', () => {
    const errors = etaErrors([told(110, 1000), told(120, 80), told(150, 90), told(180, 10)], 100, 200);
    expect(errors).toEqual({ told: 3, withinHalf: 2 / 3, worst: { error: 0.8, at: 0.5 } });
  });

  it('do not count a second at the very end', () => {
    expect(etaErrors([told(99.9, 1)], 0, 100).withinHalf).toBe(1);
  });
});
