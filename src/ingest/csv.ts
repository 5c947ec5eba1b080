import { isUtf8 } from 'node:buffer';
import { CsvError, type Parser, parse } from 'csv-parse';
import { type AppError, problem } from '../core/errors.ts';
import type { ImportKind } from '../domain/data/import-kind.ts';
import type { Reading } from '../domain/data/reading/reading.ts';
import { linesOf, MAX_LINE_BYTES, readBlocks } from './blocks.ts';
import { withHeader } from './csv-header.ts';
import { csvMapper } from './mapping/csv-mapper.ts';
import { hintFor } from './mapping/delimiter-hint.ts';
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
  hint?: string;
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
      if (block.line === 1 && !dialect.delimiter) state.hint = hintFor(good, state.delimiter);
      const left = parser ? { bytes: good, line: block.line } : takeLines(good, block.line, state, dialect);
      if (left) {
        const whole = parser ?? createParser(state, left.line - 1, dialect);
        parser = whole;
        await feed(state, (done) => whole.write(left.bytes, done));
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
 * Cuts lines at their delimiters, which takes a fifth of the parser's time.
 * @returns what begins with a line that only the parser reads, such as one whose quoted cell goes on in the next; the
 *   parser has to read the rest of the file then
 */
function takeLines(
  bytes: Buffer,
  firstLine: number,
  state: State,
  { comment, quote = '"', escape: before = quote }: CsvDialect,
): { bytes: Buffer; line: number } | null {
  const lines = bytes.toString('utf8').split('\n');
  const cutQuoted = before === quote ? cellsOf : () => null;
  for (const [i, text] of lines.entries()) {
    const line = firstLine + i;
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const row = text.slice(line === 1 && text.startsWith('\ufeff') ? 1 : 0, end);
    state.line = line;
    if (row === '' || (comment !== undefined && row.startsWith(comment))) continue;
    if (row.length > MAX_LINE_BYTES) {
      state.failure = tooLong(line);
      return null;
    }
    const isPlain = quote === '' || !row.includes(quote);
    const cells = isPlain ? row.split(state.delimiter) : cutQuoted(row, state.delimiter, quote);
    if (cells === null) {
      state.line--;
      return { bytes: Buffer.from(lines.slice(i).join('\n')), line };
    }
    take(cells, state);
  }
  return null;
}

/** Cells of a line with quotes; null where a quote is not closed in it, or stands where none should. */
function cellsOf(row: string, delimiter: string, quote: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (row[at] !== quote) {
      const end = row.indexOf(delimiter, at);
      const cell = end < 0 ? row.slice(at) : row.slice(at, end);
      if (cell.includes(quote)) return null;
      cells.push(cell);
      if (end < 0) return cells;
      at = end + delimiter.length;
      continue;
    }
    let end = row.indexOf(quote, at + 1);
    let isDoubled = false;
    while (end >= 0 && row[end + 1] === quote) {
      isDoubled = true;
      end = row.indexOf(quote, end + 2);
    }
    if (end < 0) return null;
    const cell = row.slice(at + 1, end);
    cells.push(isDoubled ? cell.replaceAll(quote + quote, quote) : cell);
    at = end + 1;
    if (at === row.length) return cells;
    if (!row.startsWith(delimiter, at)) return null;
    at += delimiter.length;
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
    state.failure ??= explain(error, state.line + 1, state.hint);
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

function explain(error: CsvError, line: number, hint = ''): AppError {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(line);
  const reasons: Record<string, string> = {
    CSV_QUOTE_NOT_CLOSED:
      'a quote in the row that starts here is never closed; where quotes are signs like others say quote=none',
    INVALID_OPENING_QUOTE:
      'there is a quote in the middle of a cell; put the whole cell in quotes and double the quotes within, or say quote=none where quotes are signs like others',
    CSV_INVALID_CLOSING_QUOTE:
      'there is text after a closing quote; double the quotes within a cell, or say escape=\\ where a sign stands before them, or quote=none',
  };
  return problem(
    'invalid-csv',
    `Line ${line}: ${hint}${reasons[error.code] ?? error.message}`,
    { line },
    error,
  );
}
