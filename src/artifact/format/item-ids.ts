import { problem } from '../../core/errors.ts';
import { idProblem } from '../../domain/base/id.ts';

/**
 * Item ids in row order: `count` usable, distinct ones.
 * @throws problem('invalid-artifact') that names the row
 */
export function checkItemIds(value: unknown, count: number, file: string): string[] {
  const refuse = (reason: string) => problem('invalid-artifact', `${file}: ${reason}`);
  if (!Array.isArray(value)) throw refuse('is not a list of item ids');
  if (value.length !== count) throw refuse(`lists ${value.length} items where ${count} are expected`);
  const rows = new Map<string, number>();
  value.forEach((id: unknown, row) => {
    if (typeof id !== 'string') throw refuse(`row ${row} is not an id`);
    const wrong = idProblem(`row ${row}`, id);
    if (wrong) throw refuse(wrong);
    const earlier = rows.get(id);
    if (earlier !== undefined)
      throw refuse(`rows ${earlier} and ${row} have the same id ${JSON.stringify(id)}`);
    rows.set(id, row);
  });
  return value;
}
