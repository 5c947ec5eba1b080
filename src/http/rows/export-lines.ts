import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import type { ExportPage } from '../../store/data/contract.ts';
import type { CsvShape } from './csv-rows.ts';

/** One page's rows as text. */
export type Encode<Row> = { head: string; page(rows: readonly Row[]): string };

export function ndjson<Row>(): Encode<Row> {
  return { head: '', page: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('') };
}

export function csv<Row>({ header, cells }: CsvShape<Row>): Encode<Row> {
  return {
    head: stringify([[...header]]),
    page: (rows) => stringify(rows.map(cells)),
  };
}

/** The whole export as text, page by page; the event loop gets a turn between two pages. */
export async function* exportLines<Stored, Row, Position>(
  read: (after?: Position) => Promise<ExportPage<Stored, Position>>,
  view: (row: Stored) => Row,
  encode: Encode<Row>,
): AsyncGenerator<string> {
  if (encode.head !== '') yield encode.head;
  for (let after: Position | null | undefined; after !== null; ) {
    const page: ExportPage<Stored, Position> = await read(after);
    if (page.rows.length > 0) yield encode.page(page.rows.map(view));
    after = page.next;
    await setImmediate();
  }
}
