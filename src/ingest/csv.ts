import { isUtf8 } from 'node:buffer';
import { CsvError, type Parser, parse } from 'csv-parse';
import { type AppError, problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import.ts';
import { linesOf, MAX_LINE_BYTES, readBlocks } from './blocks.ts';
import { mapperFor, type RowMapper } from './csv-columns.ts';
import type { FileRow, ReadOptions } from './read-rows.ts';

const NOTHING = Buffer.alloc(0);
const QUOTE = 0x22;
/** First bytes of a file that tell UTF-16 from a cell with an odd character. */
const FIRST_BYTES = 64;

interface Reading {
  rows: FileRow[];
  /** The last line of the record before. */
  line: number;
  /** csv-parse counts a Windows line end within quotes as two lines. */
  overcounted: number;
  mapper: RowMapper | undefined;
  width: number;
  failure: AppError | undefined;
}

/**
 * A CSV with a header; empty lines are passed over. A broken quote or a byte that is no UTF-8 makes everything
 * after it unreadable: the rows before it are handed out, then the reading fails.
 * @throws problem('invalid-csv') that names the line
 */
export async function* readCsv(
  stream: AsyncIterable<Uint8Array>,
  kind: ImportKind,
  options: ReadOptions = {},
): AsyncGenerator<FileRow[]> {
  const reading: Reading = {
    rows: [],
    line: 0,
    overcounted: 0,
    mapper: undefined,
    width: 0,
    failure: undefined,
  };
  let parser: Parser | undefined;
  try {
    for await (const block of readBlocks(stream)) {
      const { good, bad } =
        'tooLong' in block ? { good: NOTHING, bad: tooLong(block.line) } : splitAtBadUtf8(block);
      if (!parser && !good.includes(QUOTE)) takePlain(good, block.line, reading, kind, options);
      else {
        const quoted = parser ?? createParser(reading, block.line - 1, kind, options);
        parser = quoted;
        await feed(reading, (done) => quoted.write(good, done));
      }
      reading.failure ??= bad;
      if (reading.failure) break;
      if (reading.rows.length > 0) yield takeRows(reading);
    }
    // The parser holds the last row back until it knows that nothing follows.
    if (parser && !parser.destroyed) await feed(reading, (done) => parser!.end(done));
    if (reading.rows.length > 0) yield takeRows(reading);
    if (reading.failure) throw reading.failure;
  } finally {
    parser?.destroy();
  }
  if (!reading.mapper) {
    throw problem('invalid-csv', 'The file is empty; its first line must name the columns');
  }
}

/**
 * Lines without a quote are cut at their delimiters, which takes a third of the parser's time. From the first block
 * with a quote on the parser reads the rest: a quoted cell may go on in the next block.
 */
function takePlain(
  bytes: Buffer,
  firstLine: number,
  reading: Reading,
  kind: ImportKind,
  options: ReadOptions,
): void {
  const { delimiter = ',' } = options;
  let line = firstLine;
  for (const text of bytes.toString('utf8').split('\n')) {
    reading.line = line++;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const row = text.slice(reading.line === 1 && text.startsWith('\ufeff') ? 1 : 0, end);
    if (row === '') continue;
    if (row.length > MAX_LINE_BYTES) {
      reading.failure = tooLong(reading.line);
      return;
    }
    take(row.split(delimiter), reading, kind, options);
  }
}

/** Records are taken where they are found: as a stream of objects they would cost several times as much. */
function createParser(reading: Reading, linesBefore: number, kind: ImportKind, options: ReadOptions): Parser {
  const parser = parse({
    bom: linesBefore === 0,
    delimiter: options.delimiter ?? ',',
    // Without it the first line end decides, and in a file with both kinds cells end in a carriage return.
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_BYTES,
    on_record(cells: string[], { lines }) {
      for (const cell of cells)
        if (cell.includes('\r\n')) reading.overcounted += cell.split('\r\n').length - 1;
      reading.line = linesBefore + lines - reading.overcounted;
      take(cells, reading, kind, options);
      return null;
    },
  });
  // Errors reach `feed` through the callbacks of write and end.
  parser.on('error', () => {});
  return parser;
}

function take(cells: string[], reading: Reading, kind: ImportKind, options: ReadOptions): void {
  const { line } = reading;
  if (!reading.mapper) {
    const numbered = options.header === false;
    reading.mapper = mapperFor(kind, numbered ? cells.map((_, i) => String(i + 1)) : cells, options);
    reading.width = cells.length;
    if (!numbered) return;
  }
  if (cells.length === reading.width) {
    reading.rows.push({ line, raw: reading.mapper(cells), text: cells });
  } else {
    const first = options.header === false ? 'first row' : 'header';
    const reason = `the row has ${cells.length} cells, the ${first} has ${reading.width}`;
    reading.rows.push({ line, reason, text: cells });
  }
}

async function feed(reading: Reading, step: (done: (error?: Error | null) => void) => void): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => step((error) => (error ? reject(error) : resolve())));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    reading.failure ??= explain(error, reading.line + 1);
  }
}

function takeRows(reading: Reading): FileRow[] {
  const { rows } = reading;
  reading.rows = [];
  return rows;
}

/** The lines before the first one that is no UTF-8, and what is wrong with that one. */
function splitAtBadUtf8({ bytes, line }: { bytes: Buffer; line: number }): { good: Buffer; bad?: AppError } {
  if (line === 1 && bytes.subarray(0, FIRST_BYTES).includes(0)) {
    const detail = 'Line 1 has zero bytes, as UTF-16 text has; save the file as UTF-8';
    return { good: NOTHING, bad: problem('invalid-csv', detail, { line }) };
  }
  if (isUtf8(bytes)) return { good: bytes };
  let end = 0;
  for (const text of linesOf(bytes)) {
    if (!isUtf8(text)) break;
    end = bytes.indexOf(10, end) + 1;
    line++;
  }
  const bad = problem('invalid-csv', `Line ${line} is not UTF-8; save the file as UTF-8`, { line });
  return { good: bytes.subarray(0, end), bad };
}

function tooLong(line: number): AppError {
  const detail = `Line ${line}: a row of more than ${MAX_LINE_BYTES} bytes starts here; a quote that is never closed is the usual cause`;
  return problem('invalid-csv', detail, { line });
}

function explain(error: CsvError, line: number): AppError {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(line);
  const reasons: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED: 'a quote in the row that starts here is never closed',
    INVALID_OPENING_QUOTE:
      'there is a quote in the middle of a cell; put the whole cell in quotes and double the quotes within',
    CSV_INVALID_CLOSING_QUOTE: 'there is text after a closing quote; double the quotes within a cell',
  };
  return problem('invalid-csv', `Line ${line}: ${reasons[error.code] ?? error.message}`, { line }, error);
}
