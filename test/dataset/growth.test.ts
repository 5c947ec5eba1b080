import { describe, expect, it } from 'vitest';
import { createGrowth } from '../../src/dataset/growth.ts';

function growthOf(...times: string[]) {
  const growth = createGrowth();
  for (const time of times) growth.add(Date.parse(time));
  const { unit, bins } = growth.bins();
  return [unit, ...bins.map(({ from, count }) => `${from.slice(0, 10)} ${count}`)];
}

describe('createGrowth', () => {
  it('counts by day, and leaves out days without rows', () => {
    expect(growthOf('2026-03-03T23:59:59Z', '2026-03-01T00:00:00Z', '2026-03-01T12:00:00Z')).toEqual([
      'day',
      '2026-03-01 2',
      '2026-03-03 1',
    ]);
  });

  it('counts by week from Monday where days would be more than 400', () => {
    // 2024-01-03 was a Wednesday, 2025-03-16 a Sunday.
    expect(growthOf('2024-01-03T10:00:00Z', '2025-03-16T10:00:00Z', '2025-03-17T10:00:00Z')).toEqual([
      'week',
      '2024-01-01 1',
      '2025-03-10 1',
      '2025-03-17 1',
    ]);
  });

  it('counts by month and by year over longer times, before 1970 too', () => {
    expect(growthOf('2010-02-28T00:00:00Z', '2010-02-01T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      'month',
      '2010-02-01 2',
      '2026-03-01 1',
    ]);
    expect(growthOf('1950-07-01T00:00:00Z', '0050-07-01T00:00:00Z', '2026-03-31T00:00:00Z')).toEqual([
      'year',
      '0050-01-01 1',
      '1950-01-01 1',
      '2026-01-01 1',
    ]);
  });

  it('has no bins where nothing has a time', () => {
    expect(growthOf()).toEqual(['day']);
  });
});
