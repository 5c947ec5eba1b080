import { describe, expect, it } from 'vitest';
import { isNothing, type Scheduled, scheduleProblem, valueAt } from '../../../src/domain/base/scheduled.ts';

const along = (value: Scheduled) => [0, 0.25, 0.5, 0.75, 1].map((progress) => valueAt(value, progress));

describe('a value on schedule', () => {
  it.each<[string, Scheduled, number[]]>([
    ['a number stays', 3, [3, 3, 3, 3, 3]],
    ['constant stays', { schedule: 'constant', from: 3 }, [3, 3, 3, 3, 3]],
    ['linear moves evenly', { schedule: 'linear', from: 1, to: 5 }, [1, 2, 3, 4, 5]],
    [
      'cosine moves slowly at both ends',
      { schedule: 'cosine', from: 0, to: 2 },
      [0, 1 - Math.SQRT1_2, 1, 1 + Math.SQRT1_2, 2],
    ],
    ['warm-up climbs from 0', { schedule: 'constant', from: 4, warmup: 0.5 }, [0, 2, 4, 4, 4]],
    ['warm-up goes before the rest', { schedule: 'linear', from: 4, to: 0, warmup: 0.5 }, [0, 2, 4, 2, 0]],
  ])('%s', (_what, value, expected) => {
    along(value).forEach((found, i) => {
      expect(found).toBeCloseTo(expected[i]!, 9);
    });
  });

  it('is nothing when it is 0 from beginning to end', () => {
    expect(isNothing(0)).toBe(true);
    expect(isNothing({ schedule: 'linear', from: 0, to: 0 })).toBe(true);
    expect(isNothing({ schedule: 'linear', from: 0, to: 1 })).toBe(false);
    expect(isNothing({ schedule: 'constant', from: 0 })).toBe(true);
  });
});

describe('a schedule that contradicts itself', () => {
  it.each<[Scheduled, boolean, string | null]>([
    [{ schedule: 'constant', from: 1, to: 2 }, true, 'w.to does not apply to constant'],
    [{ schedule: 'cosine', from: 1 }, true, 'w.to is missing'],
    [{ schedule: 'linear', from: 1, to: 2, warmup: 0.1 }, false, 'w.warmup climbs from 0'],
    [{ schedule: 'linear', from: 1, to: 2, warmup: 0.1 }, true, null],
    [7, false, null],
  ])('%j', (value, mayBeZero, reason) => {
    const found = scheduleProblem('w', value, mayBeZero);
    if (reason === null) expect(found).toBeNull();
    else expect(found).toContain(reason);
  });
});
