import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, problem } from '../core/errors.ts';
import { peek } from './peek.ts';
import type { FileRecord } from './read-rows.ts';

/** First bytes of Parquet. */
const MAGIC = 'PAR1';

/** Rows that are held as objects at once. A larger row group is read in several goes. */
const ROWS_AT_ONCE = 100_000;

export async function looksLikeParquet(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ isParquet: boolean; rest: AsyncGenerator<Uint8Array> }> {
  const { first, rest } = await peek(bytes, MAGIC.length);
  return { isParquet: first.subarray(0, MAGIC.length).toString('latin1') === MAGIC, rest };
}

/** @throws problem('invalid-rows') for a file that the import calls Parquet and that is none */
export function refuseOtherThanParquet(isParquet: boolean, format: string | undefined): void {
  if (isParquet || format !== 'parquet') return;
  throw problem(
    'invalid-rows',
    `The file is no Parquet: its first bytes are not ${MAGIC}; say format=csv or format=ndjson`,
  );
}

/**
 * The rows of a Parquet file as values of JSON. What says where the columns are stands at its end, so it is written to
 * the disk first. `line` is the number of the row, from 1.
 * @throws problem('invalid-rows') for a file that is no Parquet, or compressed in a way that is not known
 */
export async function* readParquetRecords(
  bytes: AsyncIterable<Uint8Array>,
  rowsAtOnce = ROWS_AT_ONCE,
): AsyncGenerator<FileRecord<unknown>[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-parquet-'));
  try {
    const name = path.join(folder, 'file.parquet');
    await pipeline(Readable.from(bytes), createWriteStream(name));
    yield* recordsOf(name, rowsAtOnce);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* recordsOf(name: string, rowsAtOnce: number): AsyncGenerator<FileRecord<unknown>[]> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = await asyncBufferFromFile(name);
  const refuse = (error: unknown) => {
    throw problem(
      'invalid-rows',
      `The Parquet file cannot be read (${messageOf(error)}); write it again, or as CSV`,
      {},
      error,
    );
  };
  const metadata = await parquetMetadataAsync(file).catch(refuse);
  const asked = { file, metadata, compressors, parsers: { stringFromBytes } };
  let before = 0;
  for (const group of metadata.row_groups) {
    const end = before + Number(group.num_rows);
    for (let rowStart = before; rowStart < end; rowStart += rowsAtOnce) {
      const rowEnd = Math.min(end, rowStart + rowsAtOnce);
      const rows = await parquetReadObjects({ ...asked, rowStart, rowEnd }).catch(refuse);
      yield rows.map((row, i) => record(plain(row), rowStart + i + 1));
    }
    before = end;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The library's own takes a mark at the beginning of a text for one of its encoding, and drops it. */
const stringFromBytes = (bytes: Uint8Array) => bytes && utf8.decode(bytes);

function record(value: unknown, line: number): FileRecord<unknown> {
  let text: string | undefined;
  // Only rows that are reported need one.
  return {
    line,
    record: value,
    get text() {
      text ??= JSON.stringify(value);
      return text;
    },
  };
}

/** As the same value would be in JSON: whole numbers beyond 2^53 as text. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
