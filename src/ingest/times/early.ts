import { isNumber, UNITS } from './numbers.ts';

/**
 * The sentence about a number that would be a time before 1973; null for any other value. Days, places in a sequence and
 * seconds that were divided by 1000 look like this, and imports refuse them too. A time of these years can be sent as text.
 */
export function earlyTime(field: string, value: string | number | undefined): string | null {
  const number = typeof value === 'string' && !isNumber(value) ? Number.NaN : Number(value);
  if (!(number >= 0 && number < UNITS[0].from)) return null;
  const text = new Date(Math.round(number * 1000)).toISOString();
  return `${field}: numbers such as ${value} would be times before 1973; send Unix seconds or milliseconds, text such as ${text} where this is meant, or leave ${field} out`;
}
