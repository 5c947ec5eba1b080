import { problem } from '../../core/errors.ts';
import type { ImportKind } from '../../domain/data/import-kind.ts';
import type { MapRecord, ReadOptions } from '../read-rows.ts';
import { assembler, expanded, type FieldValue } from './assemble.ts';
import { type CsvColumn, columnsOf } from './csv-columns.ts';
import { FIELDS, typeOfField } from './fields.ts';
import { timesOfColumn } from './times-of-columns.ts';
import { listOf, type ReadValue, Refused, valueReader } from './values.ts';

type Cells = readonly string[];
interface Reader extends CsvColumn {
  read: ReadValue;
}

/** Numbers that come out as they went in: a postcode such as 01002 stays text. */
export const PLAIN_NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/;

/**
 * Makes rows of the cells of a CSV: what the same row would be as JSON. Empty cells are absent fields.
 * @param sample records by which the format of times is decided
 * @throws problem('invalid-csv') that names the column that is missing, unknown or there twice, or whose times nobody can tell
 */
export function csvMapper(
  kind: ImportKind,
  header: Cells,
  sample: readonly Cells[],
  options: ReadOptions,
): MapRecord<Cells> {
  const columns = columnsOf(kind, header, options);
  const readers = columns.map(
    (column): Reader => ({ ...column, read: readerOf(kind, column, sample, options) }),
  );
  const many = readers.filter(({ form }) => form === 'entries' || form === 'rest');
  if (many.length > 1) {
    throw problem(
      'invalid-csv',
      `columns may make rows of one column only; got ${many.map(({ field }) => field).join(' and ')}`,
    );
  }
  if (options.valueSeparator !== undefined && many.length === 0) {
    throw problem(
      'invalid-csv',
      'valueSeparator= cuts the entries of a list, and columns= has none; say columns=itemId:history[] or itemId:2+',
    );
  }
  const assemble = assembler(kind, options.type);
  const checkWidth = widthCheck(header.length, many[0], options);
  const [list] = many;
  const single = readers.filter((reader) => !many.includes(reader));
  const valuesOf = list?.form === 'rest' ? restOf : entriesOf;
  const isPlain = !list && !FIELDS[kind].features && !columns.some(({ field }) => field === 'rating');
  if (isPlain) return plainRows(single, checkWidth, options.type);
  return (cells) => {
    const reason = checkWidth(cells);
    if (reason !== null) return { reason };
    const fields = single.map((reader): FieldValue => [reader.field, readCell(reader, cells)]);
    if (!list) return assemble(fields);
    const entries = valuesOf(list, cells, options).map((entry) => fieldsOfEntry(list, entry, options));
    return entries.length === 0 ? [] : expanded(fields, entries, assemble);
  };
}

/** The rows of large files, which are mostly interactions, without what only other ones need. */
function plainRows(
  readers: readonly Reader[],
  checkWidth: (cells: Cells) => string | null,
  type: string | undefined,
): MapRecord<Cells> {
  return (cells) => {
    const reason = checkWidth(cells);
    if (reason !== null) return { reason };
    const raw: Record<string, unknown> = {};
    for (let i = 0; i < readers.length; i++) {
      const value = readCell(readers[i]!, cells);
      if (value instanceof Refused) return { reason: value.reason };
      if (value !== undefined) raw[readers[i]!.field] = value;
    }
    if (raw.type === undefined && type !== undefined) raw.type = type;
    return { raw };
  };
}

function readerOf(
  kind: ImportKind,
  { field, places }: CsvColumn,
  sample: readonly Cells[],
  options: ReadOptions,
): ReadValue {
  const type = typeOfField(kind, field);
  if (type === 'feature') return featureReader(field, options);
  const time =
    type === 'time'
      ? timesOfColumn(
          field,
          sample.flatMap((cells) => places.map((place) => cells[place])),
          options,
        )
      : undefined;
  return valueReader(field, type, withCount(options), time);
}

/** A column has one type: its cells are numbers when all of the file's are. */
function featureReader(field: string, options: ReadOptions): ReadValue {
  const text = valueReader(field, 'feature', withCount(options));
  const type = options.columnTypes?.get(field);
  return (cell) => {
    const value = text(cell);
    const asNumber = type === undefined ? PLAIN_NUMBER.test(value as string) : type === 'number';
    return asNumber && value !== undefined ? Number(value) : value;
  };
}

function readCell({ field, places, flags, read }: Reader, cells: Cells): unknown {
  if (flags) return flagged(field, places, flags, cells);
  let value: unknown;
  for (const place of places) {
    const cell = cells[place];
    if (cell === undefined || cell === '') continue;
    value = read(cell);
    if (value !== undefined && !(value instanceof Refused)) return value;
  }
  return value;
}

const FLAGS: Record<string, boolean> = { 1: true, true: true, 0: false, false: false, '': false };

/** Names of the columns whose cell is a 1. */
function flagged(
  field: string,
  places: readonly number[],
  flags: readonly string[],
  cells: Cells,
): string[] | Refused {
  const set: string[] = [];
  for (const [i, place] of places.entries()) {
    const cell = cells[place]!.trim().toLowerCase();
    const isSet = Object.hasOwn(FLAGS, cell) ? FLAGS[cell] : undefined;
    if (isSet === undefined)
      return new Refused(
        `${field}: the cell of ${flags[i]} must be 0 or 1; got ${JSON.stringify(cells[place])}`,
      );
    if (isSet) set.push(flags[i]!);
  }
  return set;
}

const restOf = ({ places }: CsvColumn, cells: Cells) =>
  cells.slice(places[0]).filter((cell) => cell.trim() !== '');
const entriesOf = ({ places }: CsvColumn, cells: Cells, { listSeparator }: ReadOptions) =>
  listOf(cells[places[0]!] ?? '', listSeparator);

/** `N1-0` is the id and the value of an entry where `valueSeparator` says so. */
function fieldsOfEntry(
  { field, read }: Reader,
  entry: string,
  { valueSeparator, values }: ReadOptions,
): FieldValue[] {
  const cut = valueSeparator === undefined ? -1 : entry.lastIndexOf(valueSeparator);
  if (cut < 0) return [[field, read(entry)]];
  const text = entry.slice(cut + valueSeparator!.length);
  const value =
    values && Object.hasOwn(values, text)
      ? values[text]
      : Number.isFinite(Number(text))
        ? Number(text)
        : text;
  return [
    [field, read(entry.slice(0, cut))],
    ['value', value],
  ];
}

function widthCheck(width: number, list: CsvColumn | undefined, { header, names }: ReadOptions) {
  if (list?.form === 'rest') {
    const least = list.places[0]!;
    return (cells: Cells) =>
      cells.length >= least ? null : `the row has ${cells.length} cells, but ${least} come before its items`;
  }
  const what = names ? 'list of names' : header === false ? 'first row' : 'header';
  return (cells: Cells) =>
    cells.length === width ? null : `the row has ${cells.length} cells, the ${what} has ${width}`;
}

export function withCount(options: ReadOptions) {
  const { notes } = options;
  return {
    ...options,
    onTrimmed: () => {
      if (notes) notes.trimmed = (notes.trimmed ?? 0) + 1;
    },
  };
}
