import { problem } from '../../core/errors.ts';
import type { ImportKind } from '../../domain/data/import-kind.ts';
import type { ColumnMapping } from '../../domain/data/reading/reading.ts';
import type { ReadOptions } from '../read-rows.ts';
import { delimiterFor } from './delimiter-hint.ts';
import { FIELDS } from './fields.ts';

/** A field of the rows and the columns it comes from. */
export interface CsvColumn {
  field: string;
  /** Places in the header, from 0, of which the first with a cell counts. */
  places: number[];
  /**
   * entries: a row for each entry of the list in the cell. rest: a row for each cell from the place on. flags: the cells are 0 or 1,
   * and the names of the columns with a 1 are the list.
   */
  form: 'cell' | 'entries' | 'rest' | 'flags';
  /** Names of the columns of flags. */
  flags?: string[];
}

/** Stands among a field's sources and says that it may be missing. */
const OPTIONAL = '*';

/** @throws problem('invalid-csv') that names the column that is missing, unknown or there twice */
export function columnsOf(kind: ImportKind, header: readonly string[], options: ReadOptions): CsvColumn[] {
  const names = header.map((name) => name.trim());
  const columns = options.columns ? mapped(names, options.columns) : direct(names);
  checkFields(kind, names, columns, options);
  return columns;
}

function direct(names: readonly string[]): CsvColumn[] {
  const unnamed = names.indexOf('');
  if (unnamed >= 0) {
    throw problem(
      'invalid-csv',
      `Line 1: column ${unnamed + 1} has no name; columns= says which ones to take`,
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw problem('invalid-csv', `Line 1: the column ${twice} is there twice`);
  return names.map((field, place) => ({ field, places: [place], form: 'cell' }));
}

function mapped(names: readonly string[], mapping: ColumnMapping): CsvColumn[] {
  // RecBole writes the type behind the name: user_id:token.
  const bare = names.map((name) => name.split(':')[0]!);
  return Object.entries(mapping).flatMap(([field, sources]): CsvColumn[] => {
    const found = sources.flatMap((source) => placed(source, names, bare));
    if (found.length > 0) {
      const { form } = found[0]!;
      const places = found.map(({ place }) => place);
      if (!found.some(({ form }) => form === 'flags')) return [{ field, places, form }];
      return [{ field, places, form: 'flags', flags: flagsOf(field, sources, found) }];
    }
    if (sources.includes(OPTIONAL)) return [];
    const there = names.join(', ').slice(0, 200);
    throw problem(
      'invalid-csv',
      `Line 1: the column ${sources.join(' or ')} for ${field} is missing; found ${there}${delimiterHint(names)}`,
    );
  });
}

function placed(
  source: string,
  names: readonly string[],
  bare: readonly string[],
): { place: number; form: CsvColumn['form'] }[] {
  const exact = (name: string) => {
    const place = names.indexOf(name);
    return place >= 0 ? place : bare.indexOf(name);
  };
  const cell = exact(source);
  if (cell >= 0) return [{ place: cell, form: 'cell' }];
  const entries = source.endsWith('[]') ? exact(source.slice(0, -2)) : -1;
  if (entries >= 0) return [{ place: entries, form: 'entries' }];
  const flag = source.endsWith('?') ? exact(source.slice(0, -1)) : -1;
  if (flag >= 0) return [{ place: flag, form: 'flags' }];
  const rest = /^(\d+)\+$/.exec(source);
  if (rest && Number(rest[1]) >= 1) return [{ place: Number(rest[1]) - 1, form: 'rest' }];
  return [];
}

/** Names of columns of flags. @throws problem('invalid-csv') where one is missing, there are others too, or the field is no list */
function flagsOf(
  field: string,
  sources: readonly string[],
  found: readonly { form: CsvColumn['form'] }[],
): string[] {
  const refuse = (detail: string) => problem('invalid-csv', `columns: ${detail}`);
  if (found.some(({ form }) => form !== 'flags'))
    throw refuse(`${field} has columns of flags, as in Comedy?, and others; give it one sort`);
  if (found.length < sources.length)
    throw refuse(`${field} names columns of flags that the file does not have; take them out`);
  if (field !== 'categories' && field !== 'labels')
    throw refuse(
      `columns of flags, as in Comedy?, make a list, so that they are for categories and labels; got ${field}`,
    );
  return sources.map((source) => source.slice(0, -1));
}

function checkFields(
  kind: ImportKind,
  names: readonly string[],
  columns: readonly CsvColumn[],
  { type }: ReadOptions,
): void {
  const { types, required, features } = FIELDS[kind];
  const fields = columns.map(({ field }) => field);
  const missing = required.find((field) => !fields.includes(field));
  if (missing !== undefined) {
    const found = names.join(', ').slice(0, 200);
    throw problem(
      'invalid-csv',
      `Line 1: the column ${missing} is missing; found ${found}${delimiterHint(names) || wideHint(names) || `; columns= names the column for it, as in columns=${missing}:${names[0] ?? 'id'}`}`,
    );
  }
  const unknown = features ? undefined : fields.find((field) => !Object.hasOwn(types, field));
  if (unknown !== undefined) {
    const known = Object.keys(types).join(', ');
    throw problem(
      'invalid-csv',
      `Line 1: unknown column ${unknown.slice(0, 200)}; the columns are ${known}; with columns= others are passed over`,
    );
  }
  if (kind !== 'interactions') return;
  if (fields.includes('rating') && fields.includes('value')) {
    throw problem('invalid-csv', 'Line 1: there are both value and rating; leave one of them out');
  }
  if (!fields.includes('rating') && !fields.includes('type') && type === undefined) {
    throw problem(
      'invalid-csv',
      'The rows have no type: add a column type, or give one for all, as in ?type=click',
    );
  }
}

/** A header of one cell with a sign within that usually stands between cells. */
function delimiterHint(names: readonly string[]): string {
  if (names.length !== 1) return '';
  // Where another sign was asked for, the header may have commas.
  const option = names[0]!.includes(',') ? 'delimiter=,' : delimiterFor(names[0]!);
  return option === undefined ? '' : `; cells must be separated by commas, or ${option} says by what`;
}

/** A matrix with a column for each item. */
function wideHint(names: readonly string[]): string {
  const numbered = names.filter((name) => /^\D{0,8}\d+$/.test(name)).length;
  if (names.length < 20 || numbered < names.length / 2) return '';
  return '; a matrix with a column for each item is not read: write one row for each cell (in pandas: melt)';
}
