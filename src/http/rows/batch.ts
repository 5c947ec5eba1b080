import { type TObject, type TSchema, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { withExactNumbers } from '../../ingest/json-text.ts';
import type { Parsed } from '../../ingest/rows.ts';
import type { App } from '../app-type.ts';
import type { Content } from '../docs/documentation.ts';
import { decodeUtf8 } from '../plugins/bodies.ts';
import type { RejectedRow } from '../views.ts';

const MAX_ROWS = 1000;
/** A thousand rows of 4 KiB. Larger files belong to POST /imports, which holds none of it in memory. */
export const BATCH_BODY_LIMIT = 4 * 1024 * 1024;

const UNREADABLE = Symbol('unreadable row');

/** The body's outer shape. Rows are any JSON here: each is checked for itself, so that one bad row costs only itself. */
export function rowsBody(field: string): TObject {
  const rows = Type.Array(Type.Unknown(), {
    minItems: 1,
    maxItems: MAX_ROWS,
    'x-hint': 'send larger files to POST /imports',
  });
  return Type.Object({ [field]: rows }, { additionalProperties: false });
}

/** The body of a batch as the document shows it: with the schema of a row, which validation leaves open. */
export function documentedRows(field: string, row: TSchema, example: object): Content {
  const rows = Type.Array(row, { minItems: 1, maxItems: MAX_ROWS });
  const lines = Type.String({ description: `One row as JSON per line, at most ${MAX_ROWS}.` });
  return {
    'application/json': {
      schema: Type.Object({ [field]: rows }, { additionalProperties: false }),
      examples: { 'one row': { [field]: [example] } },
    },
    'application/x-ndjson': { schema: lines, examples: { 'one row': `${JSON.stringify(example)}\n` } },
  };
}

/** Newline-delimited JSON, read into the same shape as the JSON body. */
export function acceptNdjson(app: App, field: string): void {
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    done(null, { [field]: readLines(decodeUtf8(bytes)) });
  });
}

function readLines(text: string): unknown[] {
  const rows: unknown[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      rows.push(JSON.parse(withExactNumbers(line)));
    } catch {
      rows.push({ [UNREADABLE]: `line ${index + 1} is not valid JSON` });
    }
  }
  return rows;
}

export function parseRows<T>(rows: readonly unknown[], parse: (row: unknown) => Parsed<T>) {
  const good: T[] = [];
  const rejected: RejectedRow[] = [];
  for (const [index, row] of rows.entries()) {
    const parsed = unreadable(row) ?? parse(row);
    if ('ok' in parsed) good.push(parsed.ok);
    else rejected.push({ index, reason: parsed.reason });
  }
  return { good, rejected };
}

function unreadable(row: unknown): { reason: string } | null {
  if (typeof row !== 'object' || row === null || !(UNREADABLE in row)) return null;
  return { reason: String(row[UNREADABLE]) };
}

/** @throws problem 422 with the same members as the answer, when there is no good row among them */
export function refuseWhenAllAreBad(
  rows: number,
  rejected: RejectedRow[],
  counts: Record<string, number>,
): void {
  const [first] = rejected;
  if (rejected.length < rows || !first) return;
  const detail = `None of the ${rows} rows could be stored. Row ${first.index}: ${first.reason}`;
  throw problem('invalid-rows', detail, { ...counts, rejected });
}
