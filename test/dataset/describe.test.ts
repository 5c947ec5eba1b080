import { describe, expect, it } from 'vitest';
import { describeInteractions, distributionOf } from '../../src/dataset/describe.ts';
import type { InteractionColumns } from '../../src/domain/data/interaction-source.ts';

type Row = [user: number, item: number, type: number, timestamp: number];

/** Two rows a chunk, whatever is asked for: chunk borders must not matter. */
function source(rows: Row[]) {
  return {
    async *interactions(): AsyncGenerator<InteractionColumns> {
      for (let i = 0; i < rows.length; i += 2) {
        const part = rows.slice(i, i + 2);
        const column = (at: 0 | 1 | 2) => Int32Array.from(part, (row) => row[at]);
        yield {
          length: part.length,
          userKey: column(0),
          itemKey: column(1),
          typeKey: column(2),
          value: new Float64Array(part.length).fill(Number.NaN),
          timestamp: Float64Array.from(part, (row) => row[3]),
        };
      }
    },
    dictionary: async () =>
      new Map([
        [1, 'click'],
        [2, 'purchase'],
      ]),
  };
}

describe('describeInteractions', () => {
  it('counts what a hand count gives', async () => {
    const stats = await describeInteractions(
      source([
        [1, 1, 1, 1000],
        [1, 2, 1, 3000],
        [1, 1, 2, Number.NaN],
        // Far beyond the first size of the counters.
        [5000, 1, 1, 2000],
        [7, 1, 1, 2000],
      ]),
    );
    expect(stats.interactions).toEqual({
      total: 5,
      byType: { click: 4, purchase: 1 },
      withoutTimestamp: 1,
      first: '1970-01-01T00:00:01.000Z',
      last: '1970-01-01T00:00:03.000Z',
      growth: { unit: 'day', bins: [{ from: '1970-01-01T00:00:00.000Z', count: 4 }] },
    });
    expect([stats.users, stats.items, stats.density]).toEqual([3, 2, 5 / 6]);
    expect(stats.historyLength).toEqual({
      count: 3,
      mean: 5 / 3,
      median: 1,
      p90: 3,
      p99: 3,
      max: 3,
      histogram: [
        { from: 1, to: 1, count: 2 },
        { from: 2, to: 3, count: 1 },
      ],
    });
    expect(stats.topItemsShare).toEqual({ '1%': 0.8, '10%': 0.8, '20%': 0.8 });
    expect(stats.cold).toEqual({
      usersBelow5: { count: 3, share: 1 },
      itemsBelow5: { count: 2, share: 1 },
    });
  });

  it('has zeros and no numbers that are none where there is nothing', async () => {
    const stats = await describeInteractions(source([]));
    expect(stats.interactions).toMatchObject({ total: 0, byType: {}, first: null, last: null });
    expect(JSON.stringify(stats)).not.toMatch(/NaN|Infinity/);
    expect(stats).toMatchObject({ density: 0, historyLength: { count: 0, mean: 0, max: 0, histogram: [] } });
  });
});

describe('distributionOf', () => {
  it('keeps empty bins between full ones', () => {
    expect(distributionOf(Uint32Array.of(9, 1)).histogram).toEqual([
      { from: 1, to: 1, count: 1 },
      { from: 2, to: 3, count: 0 },
      { from: 4, to: 7, count: 0 },
      { from: 8, to: 15, count: 1 },
    ]);
  });
});
