import { problem } from '../../core/errors.ts';
import type { ParquetSource } from '../../domain/tasks/parquet-source.ts';

const FIELDS = ['userId', 'itemId', 'type', 'value', 'timestamp', 'context'] as const;
type Field = (typeof FIELDS)[number];

/** Names and types of the columns that the files have, as DuckDB calls them. */
export type FileColumns = ReadonlyMap<string, string>;

/** SQL of each field of a row; null where there is none. */
export type FieldSql = Record<Exclude<Field, 'timestamp'>, string | null> & {
  timestamp: { sql: string; isNumber: boolean } | null;
};

const WHOLE = /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/;
const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const TIME = /^(TIMESTAMP|DATE)/;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
export const text = (value: string) => `'${value.replaceAll("'", "''")}'`;

/**
 * SQL that gives the fields of rows.
 * @throws problem('invalid-job') that names the column that is missing, or whose type cannot be read
 */
export function fieldsOf(columns: FileColumns, { columns: names = {}, type }: ParquetSource): FieldSql {
  const there = [...columns.keys()].join(', ').slice(0, 300);
  const find = (field: Field): { sql: string; type: string } | null => {
    const name = names[field] ?? field;
    const found = columns.get(name);
    if (found !== undefined) return { sql: quoted(name), type: found };
    if (names[field] === undefined && field !== 'userId' && field !== 'itemId') return null;
    throw refuse(
      `the column ${name} for ${field} is missing; the files have ${there}. source.columns names it`,
    );
  };
  const id = (field: 'userId' | 'itemId') => {
    const { sql, type } = find(field)!;
    if (type === 'VARCHAR' || WHOLE.test(type) || type === 'UUID') return `CAST(${sql} AS VARCHAR)`;
    throw refuse(`${field} must be text or whole numbers; the column is ${type}. Write ids as text`);
  };
  const ids = { userId: id('userId'), itemId: id('itemId') };
  const [typeColumn, value, context] = [find('type'), find('value'), find('context')];
  if (typeColumn && typeColumn.type !== 'VARCHAR')
    throw refuse(`type must be text; the column is ${typeColumn.type}. Write names such as click`);
  if (!typeColumn && type === undefined)
    throw refuse(
      `the rows have no type: source.type says it for all, or source.columns.type names its column`,
    );
  if (value && !NUMBER.test(value.type)) throw refuse(`value must be a number; the column is ${value.type}`);
  return {
    ...ids,
    type: typeColumn ? typeColumn.sql : text(type!),
    value: value && `CAST(${value.sql} AS DOUBLE)`,
    timestamp: timestampOf(find('timestamp')),
    context: context?.type === 'VARCHAR' ? context.sql : null,
  };
}

function timestampOf(column: { sql: string; type: string } | null): FieldSql['timestamp'] {
  if (column === null) return null;
  if (TIME.test(column.type)) {
    const isZoned = /TIME ZONE/.test(column.type);
    return { sql: `epoch_ms(${isZoned ? column.sql : `CAST(${column.sql} AS TIMESTAMP)`})`, isNumber: false };
  }
  if (WHOLE.test(column.type)) return { sql: column.sql, isNumber: true };
  throw refuse(
    `timestamp must be a timestamp, a date, or a whole number since 1970; the column is ${column.type}`,
  );
}

/** Units of numbers since 1970, by the greatest number: what it takes to make milliseconds of them. */
const UNITS = [
  { name: 'seconds', below: 1e11, toMs: (sql: string) => `${sql} * 1000` },
  { name: 'milliseconds', below: 1e14, toMs: (sql: string) => sql },
  { name: 'microseconds', below: 1e17, toMs: (sql: string) => `${sql} // 1000` },
  { name: 'nanoseconds', below: Number.POSITIVE_INFINITY, toMs: (sql: string) => `${sql} // 1000000` },
] as const;

/** Before 1973 seconds and days, or places in a sequence, look alike. */
const LEAST = 1e8;

/** @throws problem('invalid-job') where the greatest number is no time since 1973 */
export function unitOf(greatest: number): (typeof UNITS)[number] {
  if (greatest < LEAST)
    throw refuse(
      `timestamp has numbers up to ${greatest}, which would be times before 1973; write timestamps, or leave the column out by source.columns`,
    );
  return UNITS.find(({ below }) => greatest < below)!;
}

function refuse(detail: string) {
  return problem('invalid-job', `dataset.source: ${detail}`);
}
