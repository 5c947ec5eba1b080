import { describe, expect, it } from 'vitest';
import { growthSeries } from '../../../../src/console/pages/data/growth.ts';

const at = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000;

describe('growthSeries', () => {
  it('has the empty bins in between, and totals', () => {
    const bins = [
      { from: '2026-02-27T00:00:00.000Z', count: 2 },
      { from: '2026-03-01T00:00:00.000Z', count: 3 },
    ];
    expect(growthSeries({ unit: 'day', bins })).toEqual({
      times: [at('2026-02-27'), at('2026-02-28'), at('2026-03-01')],
      counts: [2, 0, 3],
      totals: [2, 2, 5],
    });
  });

  it('steps by months and years of the calendar', () => {
    const bins = (...days: string[]) => days.map((day) => ({ from: `${day}T00:00:00.000Z`, count: 1 }));
    expect(growthSeries({ unit: 'month', bins: bins('2025-12-01', '2026-03-01') }).counts).toEqual([
      1, 0, 0, 1,
    ]);
    expect(growthSeries({ unit: 'year', bins: bins('2023-01-01', '2025-01-01') }).times).toEqual([
      at('2023-01-01'),
      at('2024-01-01'),
      at('2025-01-01'),
    ]);
    expect(growthSeries({ unit: 'day', bins: [] }).times).toEqual([]);
  });
});
