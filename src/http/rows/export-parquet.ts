import { setImmediate } from 'node:timers/promises';
import type { ByteWriter as Writer } from 'hyparquet-writer';
import type { Static } from 'typebox';
import type { ExportPage } from '../../store/data/contract.ts';
import type { InteractionView } from '../views.ts';

type Row = Static<typeof InteractionView>;

/** Rows of a row group: as many are in memory at a time. */
const GROUP_ROWS = 16_384;

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
/** The columns of the CSV; times are timestamps, a context is JSON. */
const COLUMNS = {
  userId: { ...TEXT, repetition_type: 'REQUIRED' },
  itemId: { ...TEXT, repetition_type: 'REQUIRED' },
  type: { ...TEXT, repetition_type: 'REQUIRED' },
  value: { type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
  eventId: { ...TEXT, repetition_type: 'OPTIONAL' },
  timestampSource: { ...TEXT, repetition_type: 'OPTIONAL' },
  context: { ...TEXT, repetition_type: 'OPTIONAL' },
} as const;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
const SCHEMA = [
  { name: 'root', num_children: NAMES.length },
  ...NAMES.map((name) => ({ name, ...COLUMNS[name] })),
];

/** The whole export as a file of Parquet, row group by row group. The library is loaded by the first who asks. */
export async function* exportParquet<Stored, Position>(
  read: (after?: Position) => Promise<ExportPage<Stored, Position>>,
  view: (row: Stored) => Row,
): AsyncGenerator<Buffer> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: SCHEMA, createdBy: 'stillhouse' });
  let rows: Row[] = [];
  for (let after: Position | null | undefined; after !== null; ) {
    const page: ExportPage<Stored, Position> = await read(after);
    for (const row of page.rows) rows.push(view(row));
    after = page.next;
    if (rows.length < GROUP_ROWS && after !== null) continue;
    if (rows.length > 0) file.write({ columnData: columnsOf(rows), rowGroupSize: GROUP_ROWS });
    rows = [];
    yield taken(writer);
    await setImmediate();
  }
  file.finish();
  yield taken(writer);
}

function columnsOf(rows: readonly Row[]) {
  const texts = (name: 'userId' | 'itemId' | 'type' | 'eventId' | 'timestampSource') => ({
    name,
    data: rows.map((row) => row[name] ?? null),
  });
  return [
    ...[texts('userId'), texts('itemId'), texts('type')],
    { name: 'value', data: rows.map(({ value }) => value) },
    {
      name: 'timestamp',
      data: rows.map(({ timestamp }) => (timestamp === null ? null : new Date(timestamp))),
    },
    ...[texts('eventId'), texts('timestampSource')],
    { name: 'context', data: rows.map(({ context }) => (context ? JSON.stringify(context) : null)) },
  ];
}

/** Takes what has been written since the last time; places in the file go on being counted. */
function taken(writer: Writer): Buffer {
  const bytes = Buffer.from(writer.getBytes());
  writer.index = 0;
  return bytes;
}
