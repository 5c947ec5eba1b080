import { type Clock, msOf, offsetOf } from './clock.ts';
import { momentOf, type ReadTime } from './pattern.ts';
import type { ToUtc } from './zone.ts';

/**
 * The year first, and then what databases make of ISO-8601: `2026-03-01`, `2026-03-01T12:00:00.123456Z`,
 * `2026-03-01 12:00:00+00` (PostgreSQL), `2026-02-24 16:37:52 -0500` (Rails), `2026-03-01 12:00:00 UTC` (BigQuery),
 * `2026/3/1 9:05`. Years beyond 9999 have a sign and six digits.
 */
const ISO =
  /^([+]\d{6}|\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$/i;

export function isoReader(toUtc: ToUtc): ReadTime {
  return (text) => {
    const match = ISO.exec(text);
    if (!match) return Number.NaN;
    const [, year, , month, day, hour = 0, minute = 0, second = 0, fraction, zone] = match;
    const clock: Clock = {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      ms: fraction === undefined ? 0 : msOf(fraction),
      offset: zone === undefined ? undefined : offsetOf(zone),
    };
    return momentOf(clock, toUtc);
  };
}
