import type { Growth } from '../domain/data/stats.ts';

const DAY = 86_400_000;

/** More bins than this would be finer than a chart can show. */
const MOST_BINS = 400;

/** Days since 1970 on which a bin of the unit begins. Weeks begin on Mondays, and 1970 began on a Thursday. */
const BEGINS: Record<Growth['unit'], (day: number) => number> = {
  day: (day) => day,
  week: (day) => Math.floor((day + 3) / 7) * 7 - 3,
  month: (day) => partOf(day, (date) => [date.getUTCFullYear(), date.getUTCMonth()]),
  year: (day) => partOf(day, (date) => [date.getUTCFullYear(), 0]),
};
const DAYS: Record<Growth['unit'], number> = { day: 1, week: 7, month: 30, year: 365 };

/** Counts rows by day, and in the end by the finest unit that gives at most 400 bins from the first to the last. */
export function createGrowth() {
  const days = new Map<number, number>();
  return {
    /** @param time milliseconds since 1970 */
    add(time: number): void {
      const day = Math.floor(time / DAY);
      days.set(day, (days.get(day) ?? 0) + 1);
    },
    /** Returns bins in the order of time; those without rows are left out. */
    bins(): Growth {
      const sorted = [...days.keys()].sort((a, b) => a - b);
      const span = sorted.length === 0 ? 0 : sorted.at(-1)! - sorted[0]!;
      const unit = UNITS.find((one) => span / DAYS[one] < MOST_BINS) ?? 'year';
      const counts = new Map<number, number>();
      for (const day of sorted) {
        const begin = BEGINS[unit](day);
        counts.set(begin, (counts.get(begin) ?? 0) + days.get(day)!);
      }
      return {
        unit,
        bins: [...counts].map(([day, count]) => ({ from: new Date(day * DAY).toISOString(), count })),
      };
    },
  };
}

const UNITS = Object.keys(DAYS) as Growth['unit'][];

function partOf(day: number, part: (date: Date) => [year: number, month: number]): number {
  const [year, month] = part(new Date(day * DAY));
  // Date.UTC would read years below 100 as those of the last century.
  return new Date(0).setUTCFullYear(year, month, 1) / DAY;
}
