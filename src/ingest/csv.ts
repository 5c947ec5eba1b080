import { isUtf8 } from 'node:buffer';
import { CsvError, type Parser, parse } from 'csv-parse';
import { type AppError, problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import-kind.ts';
import type { Reading } from '../domain/data/reading/reading.ts';
import { linesOf, MAX_LINE_BYTES, readBlocks } from './blocks.ts';
import { withHeader } from './csv-header.ts';
import { csvMapper } from './mapping/csv-mapper.ts';
import { type CsvRecord, type FileRow, mapRecords, type ReadOptions } from './read-rows.ts';

export type CsvDialect = Pick<Reading, 'delimiter' | 'quote' | 'escape' | 'comment'>;

const NOTHING = Buffer.alloc(0);
/** First bytes of a file that tell UTF-16 from a cell with an odd character. */
const FIRST_BYTES = 64;
/** Excel's line about the sign between cells. */
const SEPARATOR_LINE = /^\ufeff?"?sep=(.{1,3}?)"?\r?$/i;

/**
 * Rows of a CSV in UTF-8 with a header, or with `names` or numbers for its columns.
 * @throws problem('invalid-csv') that names the line
 */
export async function* readCsv(
  stream: AsyncIterable<Uint8Array>,
  kind: ImportKind,
  options: ReadOptions = {},
): AsyncGenerator<FileRow[]> {
  let header: readonly string[] = [];
  const records = withHeader(readCsvRecords(stream, options), options, (names) => {
    header = names;
  });
  yield* mapRecords(records, (sample) => csvMapper(kind, header, sample, options));
}

interface State {
  records: CsvRecord[];
  /** The last line of the record before. */
  line: number;
  /** csv-parse counts a Windows line end within quotes as two lines. */
  overcounted: number;
  delimiter: string;
  failure: AppError | undefined;
}

/**
 * The cells of each line; empty lines and comments are passed over. A broken quote or a byte that is no UTF-8 makes
 * everything after it unreadable: the records before it are handed out, then the reading fails.
 * @throws problem('invalid-csv') that names the line
 */
export async function* readCsvRecords(
  stream: AsyncIterable<Uint8Array>,
  dialect: CsvDialect = {},
): AsyncGenerator<CsvRecord[]> {
  const { quote = '"' } = dialect;
  const state: State = {
    records: [],
    line: 0,
    overcounted: 0,
    delimiter: dialect.delimiter ?? ',',
    failure: undefined,
  };
  let parser: Parser | undefined;
  try {
    for await (const block of readBlocks(stream)) {
      const { good: lines, bad } =
        'tooLong' in block ? { good: NOTHING, bad: tooLong(block.line) } : splitAtBadUtf8(block);
      const good = block.line === 1 ? withoutSeparatorLine(lines, state) : lines;
      if (!parser && (quote === '' || !good.includes(quote))) takePlain(good, block.line, state, dialect);
      else {
        const quoted = parser ?? createParser(state, block.line - 1, dialect);
        parser = quoted;
        await feed(state, (done) => quoted.write(good, done));
      }
      state.failure ??= bad;
      if (state.failure) break;
      if (state.records.length > 0) yield takeRecords(state);
    }
    // The parser holds the last row back until it knows that nothing follows.
    if (parser && !parser.destroyed) await feed(state, (done) => parser!.end(done));
    if (state.records.length > 0) yield takeRecords(state);
    if (state.failure) throw state.failure;
  } finally {
    parser?.destroy();
  }
}

/**
 * Lines without a quote are cut at their delimiters, which takes a third of the parser's time. From the first block
 * with a quote on the parser reads the rest: a quoted cell may go on in the next block.
 */
function takePlain(bytes: Buffer, firstLine: number, state: State, { comment }: CsvDialect): void {
  let line = firstLine;
  for (const text of bytes.toString('utf8').split('\n')) {
    state.line = line++;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const row = text.slice(state.line === 1 && text.startsWith('\ufeff') ? 1 : 0, end);
    if (row === '' || (comment !== undefined && row.startsWith(comment))) continue;
    if (row.length > MAX_LINE_BYTES) {
      state.failure = tooLong(state.line);
      return;
    }
    take(row.split(state.delimiter), state);
  }
}

/** An empty line in its place keeps the numbers of the lines. */
function withoutSeparatorLine(lines: Buffer, state: State): Buffer {
  const end = lines.indexOf(10);
  if (end < 0 || end > 20) return lines;
  const match = SEPARATOR_LINE.exec(lines.toString('utf8', 0, end));
  if (!match) return lines;
  state.delimiter = match[1]!;
  return lines.subarray(end);
}

/** Records are taken where they are found: as a stream of objects they would cost several times as much. */
function createParser(state: State, linesBefore: number, dialect: CsvDialect): Parser {
  const { quote = '"', comment } = dialect;
  const parser = parse({
    bom: linesBefore === 0,
    delimiter: state.delimiter,
    quote,
    escape: dialect.escape ?? quote,
    ...(comment !== undefined && { comment, comment_no_infix: true }),
    // Without it the first line end decides, and in a file with both kinds cells end in a carriage return.
    record_delimiter: ['\r\n', '\n'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_BYTES,
    on_record(cells: string[], { lines }) {
      for (const cell of cells) if (cell.includes('\r\n')) state.overcounted += cell.split('\r\n').length - 1;
      state.line = linesBefore + lines - state.overcounted;
      take(cells, state);
      return null;
    },
  });
  // Errors reach `feed` through the callbacks of write and end.
  parser.on('error', () => {});
  return parser;
}

function take(cells: readonly string[], { records, line }: State): void {
  records.push({ line, record: cells, text: cells });
}

async function feed(state: State, step: (done: (error?: Error | null) => void) => void): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => step((error) => (error ? reject(error) : resolve())));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    state.failure ??= explain(error, state.line + 1);
  }
}

function takeRecords(state: State): CsvRecord[] {
  const { records } = state;
  state.records = [];
  return records;
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
  const bad = problem(
    'invalid-csv',
    `Line ${line} is not UTF-8; save the file as UTF-8, or say what it is, as in encoding=windows-1252`,
    { line },
  );
  return { good: bytes.subarray(0, end), bad };
}

function tooLong(line: number): AppError {
  const detail = `Line ${line}: a row of more than ${MAX_LINE_BYTES} bytes starts here; a quote that is never closed is the usual cause`;
  return problem('invalid-csv', detail, { line });
}

function explain(error: CsvError, line: number): AppError {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(line);
  const reasons: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED:
      'a quote in the row that starts here is never closed; where quotes are signs like others say quote=none',
    INVALID_OPENING_QUOTE:
      'there is a quote in the middle of a cell; put the whole cell in quotes and double the quotes within, or say quote=none where quotes are signs like others',
    CSV_INVALID_CLOSING_QUOTE:
      'there is text after a closing quote; double the quotes within a cell, or say escape=\\ where a sign stands before them, or quote=none',
  };
  return problem('invalid-csv', `Line ${line}: ${reasons[error.code] ?? error.message}`, { line }, error);
}
