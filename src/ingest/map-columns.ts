import { problem } from '../core/errors.ts';
import type { ColumnMapping } from '../domain/data/import-mapping.ts';

/** Stands among a field's sources and says that it may be missing. */
const OPTIONAL = '*';

/**
 * The field of each column, null for those that nothing asks for.
 * @throws problem('invalid-csv') that names the column that is missing, and those that are there
 */
export function mapHeader(header: readonly string[], mapping: ColumnMapping): (string | null)[] {
  const names = header.map((name) => name.trim());
  // RecBole writes the type behind the name: user_id:token.
  const bare = names.map((name) => name.split(':')[0]!);
  const fields: (string | null)[] = names.map(() => null);
  for (const [field, sources] of Object.entries(mapping)) {
    const at = sources.map((source) => placeOf(source, names, bare)).find((place) => place >= 0);
    if (at !== undefined) fields[at] = field;
    else if (!sources.includes(OPTIONAL)) {
      const found = names.join(', ').slice(0, 200);
      throw problem(
        'invalid-csv',
        `Line 1: the column ${sources.join(' or ')} for ${field} is missing; found ${found}`,
      );
    }
  }
  return fields;
}

function placeOf(source: string, names: readonly string[], bare: readonly string[]): number {
  const exact = names.indexOf(source);
  return exact >= 0 ? exact : bare.indexOf(source);
}

/** Maps a row that is JSON: takes what is asked for and leaves the rest. Interactions know `rating` too. */
export function mapMembers(raw: unknown, mapping: ColumnMapping): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw;
  const row: Record<string, unknown> = {};
  for (const [field, sources] of Object.entries(mapping)) {
    const source = sources.find((name) => Object.hasOwn(raw, name));
    const value = source === undefined ? undefined : (raw as Record<string, unknown>)[source];
    if (value === undefined || value === null) continue;
    if (field === 'rating') Object.assign(row, { value, type: row.type ?? 'rating' });
    else row[field] = value;
  }
  return row;
}
