import { Type } from 'typebox';

/** ISO-8601 with a zone, or a Unix time in seconds or milliseconds. */
export const Timestamp = Type.Union([Type.String({ format: 'date-time' }), Type.Number({ minimum: 0 })], {
  description: 'ISO-8601 with a zone, or a Unix time: seconds below 1e11, milliseconds from there on.',
  examples: ['2026-03-01T12:00:00Z', 881250949],
});

/** Timestamp whose format the schema leaves to parseTimestamp; its callers say what is wrong with it. */
export const AnyTime = Type.Union([Type.String({ maxLength: 64 }), Type.Number()], {
  description: 'ISO-8601 with a zone, or a Unix time: seconds below 1e11, milliseconds from there on.',
  examples: ['2026-03-01T12:00:00Z'],
});

/** Numbers below this are seconds (until the year 5138), from it on milliseconds (since 1973). */
const FIRST_MILLISECONDS = 1e11;
const ISO = /^(?:\+\d{6}|\d{4})-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Milliseconds since 1970, or NaN when the value is no date at or after 1970. Text may be a plain number, as in
 * CSV files. A text without a zone is read as UTC, never in the server's local time.
 */
export function parseTimestamp(value: string | number): number {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) return parseIso(value);
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) return Number.NaN;
  return Math.round(number < FIRST_MILLISECONDS ? number * 1000 : number);
}

function parseIso(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const zoned = match[4] || !match[1] ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T'));
  // Date.parse rolls 30 February over to March in some engines and accepts it in others: compare the day.
  const date = text.slice(0, text.startsWith('+') ? 13 : 10);
  const rolled = new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(date.slice(-2));
  return rolled || time < 0 ? Number.NaN : time;
}
