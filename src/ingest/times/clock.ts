/** A day and a time of day as they are written; `zone` is an offset in minutes where the text names one. */
export interface Clock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
  offset: number | undefined;
}

/** Milliseconds as if the clock were UTC, NaN for a day or an hour that does not exist. */
export function wallOf({ year, month, day, hour, minute, second, ms }: Clock): number {
  const inRange = month >= 1 && month <= 12 && hour <= 24 && minute < 60 && second <= 60;
  if (!inRange || (hour === 24 && minute + second + ms > 0)) return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  // Date rolls 30 February over to March.
  if (day < 1 || new Date(midnight).getUTCDate() !== day) return Number.NaN;
  return midnight + hour * 3_600_000 + minute * 60_000 + Math.min(second, 59) * 1000 + ms;
}

/** Minutes east of Greenwich: `Z`, `UTC`, `GMT`, `+01`, `-0500`, `+05:30`. NaN for another text. */
export function offsetOf(text: string): number {
  if (/^(z|utc|gmt)$/i.test(text)) return 0;
  const match = /^(?:utc|gmt)?([+-])(\d{2}):?(\d{2})?$/i.exec(text);
  if (!match) return Number.NaN;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** The first three digits after the point. */
export const msOf = (digits: string) => Number(digits.slice(0, 3).padEnd(3, '0'));
