import { problem } from '../../core/errors.ts';
import type { ImportKind } from '../../domain/data/import-kind.ts';
import type { Mapped, MapRecord, ReadOptions } from '../read-rows.ts';
import { assembler, expanded, type FieldValue } from './assemble.ts';
import { withCount } from './csv-mapper.ts';
import { FIELDS, typeOfField } from './fields.ts';
import { type JsonPath, jsonPath, valueAt } from './json-path.ts';
import { timesOfColumn } from './times-of-columns.ts';
import { listOf, type ReadValue, Refused, valueReader } from './values.ts';

interface Field {
  field: string;
  paths: JsonPath[];
  read: ReadValue;
}

/**
 * Makes rows of values of JSON. A null member is an absent one.
 * @param sample records by which the format of times is decided
 * @throws problem('invalid-rows') for a path that cannot be used
 */
export function jsonMapper(
  kind: ImportKind,
  sample: readonly unknown[],
  options: ReadOptions,
): MapRecord<unknown> {
  return options.columns
    ? mappedRows(kind, sample, options, options.columns)
    : wholeRows(kind, sample, options);
}

/** Members go by their names; of a catalogue those that are no field become features. */
function wholeRows(kind: ImportKind, sample: readonly unknown[], options: ReadOptions): MapRecord<unknown> {
  const readers = new Map<string, ReadValue>();
  for (const field of Object.keys(FIELDS[kind].types)) {
    readers.set(
      field,
      readerOf(kind, field, () => sample.map((value) => valueAt(value, field, [field])), options),
    );
  }
  const feature = valueReader('', 'feature', withCount(options));
  const assemble = assembler(kind, options.type);
  return (value) => {
    if (!isObject(value)) return { raw: value };
    const fields = Object.entries(value).map(([field, member]): FieldValue => {
      const read = readers.get(field);
      if (read) return [field, member === null ? undefined : read(member)];
      // What interactions do not know is left for the row's check to refuse.
      return [field, FIELDS[kind].features && member !== null ? feature(member) : member];
    });
    return assemble(fields);
  };
}

/** Takes what is asked for and leaves the rest. */
function mappedRows(
  kind: ImportKind,
  sample: readonly unknown[],
  options: ReadOptions,
  columns: Record<string, string[]>,
): MapRecord<unknown> {
  const { types, features } = FIELDS[kind];
  const fields = Object.entries(columns).map(([field, sources]): Field => {
    if (!features && !Object.hasOwn(types, field)) {
      throw problem(
        'invalid-rows',
        `columns: unknown field ${field}; the fields are ${Object.keys(types).join(', ')}`,
      );
    }
    const paths = sources.filter((source) => source !== '*').map(pathOf);
    const values = () =>
      sample.flatMap((value) =>
        paths.flatMap((path) => entriesOf(path, value, options).map((entry) => entryValue(path, entry))),
      );
    if (
      sample.length > 0 &&
      paths.length === sources.length &&
      values().every((value) => value === undefined)
    )
      noteAbsent(options, field, sources);
    return { field, paths, read: readerOf(kind, field, values, options) };
  });
  const lists = [
    ...new Set(fields.flatMap(({ paths }) => paths.flatMap(({ list }) => list?.join('.') ?? []))),
  ];
  if (lists.length > 1) {
    throw problem(
      'invalid-rows',
      `columns may make rows of one list only; got ${lists.map((list) => `${list}[]`).join(' and ')}`,
    );
  }
  const assemble = assembler(kind, options.type);
  const single = fields.filter(({ paths }) => paths.every(({ list }) => list === undefined));
  const many = fields.filter((field) => !single.includes(field));
  const [first] = many;
  const hasOtherPath = many.some(({ paths }) => paths.some(({ list }) => list === undefined));
  const listPath = first?.paths.find(({ list }) => list !== undefined);
  return (value): Mapped | Mapped[] => {
    if (!isObject(value)) return { raw: value };
    const shared = single.map(
      (field): FieldValue => [
        field.field,
        firstValue(field, ({ source, path }) => valueAt(value, source, path)),
      ],
    );
    if (!listPath) return assemble(shared);
    const entries = entriesOf(listPath, value, options);
    const fieldsOf = (entry: unknown) =>
      many.map(
        (field): FieldValue => [
          field.field,
          firstValue(field, (path) =>
            path.list ? entryValue(path, entry) : valueAt(value, path.source, path.path),
          ),
        ],
      );
    // Without a list the record may still say one thing, by another path.
    if (entries.length === 0) return hasOtherPath ? assemble([...shared, ...fieldsOf(undefined)]) : [];
    return expanded(shared, entries.map(fieldsOf), assemble);
  };
}

/** A path that leads nowhere is nearly always a name that was mistyped; `*` among the sources says that it is not. */
function noteAbsent({ notes }: ReadOptions, field: string, sources: readonly string[]): void {
  if (notes) notes.absent = { ...notes.absent, [field]: sources.join('|') };
}

function pathOf(source: string): JsonPath {
  const path = jsonPath(source);
  if (path) return path;
  throw problem(
    'invalid-rows',
    `columns: the path ${source} goes through two lists; one is possible, as in items[].id`,
  );
}

/** The entries of the path's list, or the record itself where it has none. A text is a list cell. */
function entriesOf({ list }: JsonPath, record: unknown, { listSeparator }: ReadOptions): unknown[] {
  if (list === undefined) return [record];
  const value = list.length === 0 ? record : valueAt(record, list.join('.'), list);
  if (typeof value === 'string') return listOf(value, listSeparator);
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

const entryValue = ({ path, source }: JsonPath, entry: unknown): unknown =>
  path.length === 0 ? entry : valueAt(entry, source.split('[]').at(-1)!.replace(/^\./, ''), path);

/** The first that is neither missing, null nor empty. */
function firstValue({ paths, read }: Field, at: (path: JsonPath) => unknown): unknown {
  let value: unknown;
  for (const path of paths) {
    const found = at(path);
    if (found === undefined || found === null || found === '') continue;
    value = read(found);
    if (value !== undefined && !(value instanceof Refused)) return value;
  }
  return value;
}

function readerOf(kind: ImportKind, field: string, sample: () => unknown[], options: ReadOptions): ReadValue {
  const type = typeOfField(kind, field);
  const time = type === 'time' ? timesOfColumn(field, sample(), options) : undefined;
  return valueReader(field, type, withCount(options), time);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
