import { problem } from '../../core/errors.ts';
import { DEFAULT_NULLS } from '../../domain/data/reading/reading.ts';
import type { ReadOptions } from '../read-rows.ts';
import { decideTimes, type TimeReader } from '../times/decide.ts';

/**
 * Decides how a column of times is written, and notes it.
 * @throws problem('invalid-csv') where nobody can tell
 */
export function timesOfColumn(
  column: string,
  sample: readonly unknown[],
  { nulls = DEFAULT_NULLS, timestampFormat, timezone, notes }: ReadOptions,
): TimeReader {
  const texts = sample
    .filter((value) => typeof value === 'string' || typeof value === 'number')
    .map((value) => String(value).trim())
    .filter((text) => text !== '' && !nulls.includes(text));
  const decided = decideTimes(texts, { format: timestampFormat, timezone });
  if (typeof decided === 'string') throw problem('invalid-csv', `Column ${column}: ${decided}`);
  if (notes && texts.length > 0) notes.timestamps = { ...notes.timestamps, [column]: decided.name };
  return decided;
}
