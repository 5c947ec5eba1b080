import type { ImportSpec } from '../domain/data/import.ts';
import { readCsvRecords } from './csv.ts';
import { withHeader } from './csv-header.ts';
import { columnsOf } from './mapping/csv-columns.ts';
import { readJsonRecords } from './ndjson.ts';
import { looksLikeParquet, readParquetRecords, refuseOtherThanParquet } from './parquet.ts';
import { openText, parquetOptions } from './read-file.ts';
import type { ReadOptions } from './read-rows.ts';
import type { NamedBytes } from './unpack/archive.ts';

export interface PreviewColumn {
  column: string;
  /** The field it becomes; null where it is passed over. */
  field: string | null;
  examples: string[];
}

const LOOKED_AT = 100;
const EXAMPLES = 3;
const MAX_COLUMNS = 200;

/** The columns of a CSV, or the paths into JSON, with some of their values. */
export async function columnsIn(file: NamedBytes, spec: ImportSpec): Promise<PreviewColumn[]> {
  const { isParquet, rest } = await looksLikeParquet(file.bytes);
  refuseOtherThanParquet(isParquet, spec.format);
  const columns = new Map<string, PreviewColumn>();
  const note = (column: string, value: unknown) => {
    if (!columns.has(column) && columns.size < MAX_COLUMNS)
      columns.set(column, { column, field: null, examples: [] });
    const examples = columns.get(column)?.examples;
    const example = String(value).slice(0, 60);
    if (examples && example !== '' && examples.length < EXAMPLES && !examples.includes(example))
      examples.push(example);
  };
  if (isParquet) {
    const records: unknown[] = [];
    for await (const batch of readParquetRecords(rest, LOOKED_AT)) {
      for (const each of batch) if ('record' in each) records.push(each.record);
      break;
    }
    for (const record of records) eachPath(record, '', note);
    return withFields(columns, parquetOptions(spec, records, {}));
  }
  let left = LOOKED_AT;
  const { format, options, text } = await openText({ ...file, bytes: rest }, spec, {});
  if (format === 'csv') {
    let header: readonly string[] = [];
    const records = withHeader(readCsvRecords(text, options), options, (names) => {
      header = names;
    });
    for await (const batch of records) {
      for (const name of header) note(name.trim(), '');
      for (const each of batch.slice(0, left)) {
        if ('record' in each)
          for (const [i, name] of header.entries()) note(name.trim(), each.record[i] ?? '');
      }
      left -= batch.length;
      if (left <= 0) break;
    }
    const found = fieldsOf(() => columnsOf(spec.kind, header, options));
    for (const { field, places } of found)
      for (const place of places) set(columns, header[place]?.trim(), field);
    return [...columns.values()];
  }
  for await (const batch of readJsonRecords(text)) {
    for (const each of batch.slice(0, left)) if ('record' in each) eachPath(each.record, '', note);
    left -= batch.length;
    if (left <= 0) break;
  }
  return withFields(columns, options);
}

/** Without a mapping members go by their own names. */
function withFields(columns: Map<string, PreviewColumn>, options: ReadOptions): PreviewColumn[] {
  const names = [...columns.keys()].filter((path) => !/[.[]/.test(path));
  const mapping = options.columns ?? Object.fromEntries(names.map((name) => [name, [name]]));
  for (const [field, sources] of Object.entries(mapping))
    for (const source of sources) set(columns, source, field);
  return [...columns.values()];
}

function set(columns: ReadonlyMap<string, PreviewColumn>, column: string | undefined, field: string): void {
  const found = column === undefined ? undefined : columns.get(column);
  if (found) found.field = field;
}

/** No fields where the header cannot be used: the reading says why. */
function fieldsOf<T>(find: () => T[]): T[] {
  try {
    return find();
  } catch {
    return [];
  }
}

function eachPath(value: unknown, path: string, note: (path: string, value: unknown) => void): void {
  if (Array.isArray(value)) {
    if (value.length === 0) note(path, '');
    for (const entry of value.slice(0, EXAMPLES)) eachPath(entry, `${path}[]`, note);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value))
      eachPath(inner, path === '' ? name : `${path}.${name}`, note);
  } else note(path, value ?? '');
}
