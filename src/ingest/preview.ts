import { AppError } from '../core/errors.ts';
import type { ImportSpec } from '../domain/data/import.ts';
import type { ImportPreview } from '../domain/data/import-preview.ts';
import type { ReadingNotes } from '../domain/data/reading/reading.ts';
import type { Checked } from '../domain/validate/check.ts';
import type { ColumnTypes } from './mapping/column-types.ts';
import { isCutOff, sentenceOfFailure, sentenceOfJson } from './nothing-read.ts';
import { optionFor, suggestedColumns } from './option-hints.ts';
import { looksLikeParquet, readParquetRecords } from './parquet.ts';
import { columnsIn, type PreviewColumn } from './preview-columns.ts';
import { columnTypesOf, parquetMapper, readFile } from './read-file.ts';
import { type FileRow, mapRecords } from './read-rows.ts';
import type { NamedBytes } from './unpack/archive.ts';
import { unpacked } from './unpack/unpack.ts';

const ROWS = 20;
const PARQUET_ROWS = 1000;
const PROBLEMS = 20;
const NEWLINE = 10;

/**
 * Reads the beginning of a file as an import would.
 * @param isWhole false where the file goes on: what ends in the middle is no fault of it then
 * @param parse the check of a row of the kind
 * @param warn what is to be said of a row that would be stored; null where nothing is
 */
export async function previewOf(
  bytes: Buffer,
  isWhole: boolean,
  spec: ImportSpec,
  parse: (raw: unknown, notes: ReadingNotes) => Checked<object>,
  warn: (row: object) => string | null = () => null,
): Promise<ImportPreview> {
  const notes: ReadingNotes = {};
  const preview: ImportPreview = {
    format: spec.format ?? null,
    reading: notes,
    columns: [],
    rows: [],
    accepted: 0,
    rejected: 0,
    problems: [],
    isWhole,
  };
  const problems = new Map<string, ImportPreview['problems'][number]>();
  const say = (detail: string, line: number | null, option = optionFor(detail)) => {
    // Rows of one sort of problem differ in what they have.
    const sort = detail.replace(/(got|is) .*/s, '');
    if (problems.size < PROBLEMS && !problems.has(sort)) problems.set(sort, { detail, line, option });
  };
  const whole = isWhole ? bytes : wholeLines(bytes);
  const first = () => firstFile(whole, spec);
  let columns: PreviewColumn[] = [];
  try {
    columns = await columnsIn(await first(), spec);
    const hasTypes = spec.kind === 'items' || spec.kind === 'users';
    const types = hasTypes ? await columnTypesOf(one(await first()), spec) : undefined;
    const onMore = () => {
      preview.isWhole = false;
    };
    for await (const rows of firstRows(await first(), spec, notes, types, onMore))
      for (const row of rows) take(row);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const hasRows = preview.accepted + preview.rejected > 0;
    if (isCutOff(error.message)) preview.isWhole = false;
    const json = hasRows ? null : await sentenceOfJson(first, spec);
    const sentence = json ?? sentenceOfFailure(error.message, { isWhole, hasRows }, spec);
    if (sentence !== null) say(sentence, null);
  }
  for (const [field, source] of Object.entries((spec.preset === undefined && notes.absent) || {}))
    say(`No row has ${source}, which columns= takes ${field} from`, null, 'columns');
  if (problems.size > 0 && spec.columns === undefined && preview.accepted === 0) {
    const suggested = suggestedColumns(columns);
    if (suggested !== null) say(`The columns look like ${suggested}`, null, 'columns');
  }
  return { ...preview, columns, problems: [...problems.values()] };

  function take(row: FileRow): void {
    const parsed = 'raw' in row ? parse(row.raw, notes) : row;
    if ('ok' in parsed) {
      preview.accepted++;
      if (preview.rows.length < ROWS) preview.rows.push(withTimes(parsed.ok));
      const warning = warn(parsed.ok);
      if (warning !== null) say(warning, row.line, 'types');
    } else {
      preview.rejected++;
      say(parsed.reason, row.line);
    }
  }
}

/** All rows of a text, and those of Parquet that come first: a megabyte may have a million of them. */
async function* firstRows(
  file: NamedBytes,
  spec: ImportSpec,
  notes: ReadingNotes,
  types: ColumnTypes | undefined,
  onMore: () => void,
): AsyncGenerator<FileRow[]> {
  const { isParquet, rest } = await looksLikeParquet(file.bytes);
  if (!isParquet || (spec.format !== 'parquet' && spec.preset !== 'auto'))
    return yield* readFile({ ...file, bytes: rest }, spec, notes, types);
  const batches = readParquetRecords(rest, PARQUET_ROWS);
  async function* first() {
    const batch = await batches.next();
    if (!batch.done) yield batch.value;
  }
  yield* mapRecords(first(), (sample) => parquetMapper(spec, sample, notes));
  if (!(await batches.next()).done) onMore();
  await batches.return(undefined);
}

const TIMES = ['timestamp', 'availableFrom', 'availableUntil'];

/** A row with its times as people read them, and as exports have them. */
function withTimes(row: object): Record<string, unknown> {
  const shown = Object.entries(row).map(([name, value]) =>
    TIMES.includes(name) && typeof value === 'number' ? [name, new Date(value).toISOString()] : [name, value],
  );
  return Object.fromEntries(shown);
}

async function firstFile(bytes: Buffer, spec: ImportSpec): Promise<NamedBytes> {
  async function* all() {
    yield bytes;
  }
  const next = await unpacked({ name: '', bytes: all() }, spec, () => bytes.length).next();
  return next.value as NamedBytes;
}

async function* one(file: NamedBytes) {
  yield file;
}

/** Without the line that the cut has left in pieces. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(NEWLINE);
  return end < 0 || bytes.subarray(0, 512).includes(0) || bytes[0] === 0x1f
    ? bytes
    : bytes.subarray(0, end + 1);
}
