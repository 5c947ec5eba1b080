import { problem } from '../core/errors.ts';
import type { ImportSpec } from '../domain/data/import.ts';
import { guessParquetPreset, guessPreset } from '../domain/data/reading/presets.ts';
import type { ReadingNotes } from '../domain/data/reading/reading.ts';
import { readCsv, readCsvRecords } from './csv.ts';
import { type ColumnTypes, findColumnTypes } from './mapping/column-types.ts';
import { jsonMapper } from './mapping/json-mapper.ts';
import { readNdjson } from './ndjson.ts';
import { looksLikeParquet, readParquetRecords, refuseOtherThanParquet } from './parquet.ts';
import { peek } from './peek.ts';
import { type FileRow, type MapRecord, mapRecords, type ReadOptions } from './read-rows.ts';
import { toUtf8 } from './text/encoding.ts';
import type { NamedBytes } from './unpack/archive.ts';

/** Bytes in which a preset is looked for. */
const GUESSED_BY = 4096;

/** Text of a file, and how it is to be read. */
export interface OpenedFile {
  format: 'csv' | 'ndjson';
  options: ReadOptions;
  text: AsyncIterable<Uint8Array>;
}

/** Rows of one file; what is decided by looking at it goes into `notes`. */
export async function* readFile(
  file: NamedBytes,
  spec: ImportSpec,
  notes: ReadingNotes,
  columnTypes: ColumnTypes | undefined,
): AsyncGenerator<FileRow[]> {
  const { isParquet, rest } = await looksLikeParquet(file.bytes);
  if (isParquet && spec.format !== 'parquet' && spec.preset !== 'auto') {
    throw problem('invalid-csv', 'The file is Parquet; say format=parquet');
  }
  refuseOtherThanParquet(isParquet, spec.format);
  if (isParquet) {
    return yield* mapRecords(readParquetRecords(rest), (sample) => parquetMapper(spec, sample, notes));
  }
  const { format, options, text } = await openText({ ...file, bytes: rest }, spec, notes);
  const read = format === 'csv' ? readCsv : readNdjson;
  yield* read(text, spec.kind, { ...options, notes, ...(columnTypes && { columnTypes: columnTypes.types }) });
}

/** Values of Parquet are named as those of JSON. With preset=auto the names of its columns tell the preset. */
export function parquetMapper(
  spec: ImportSpec,
  sample: readonly unknown[],
  notes: ReadingNotes,
): MapRecord<unknown> {
  return jsonMapper(spec.kind, sample, { ...parquetOptions(spec, sample, notes), notes });
}

export function parquetOptions(
  spec: ImportSpec,
  sample: readonly unknown[],
  notes: ReadingNotes,
): ReadOptions {
  const { interactionType: type, preset } = spec;
  if (preset !== 'auto') {
    if (preset !== undefined) notes.preset = preset;
    return { ...spec, type };
  }
  const guessed = guessParquetPreset(sample[0] ?? {}, spec.kind);
  notes.preset = guessed?.name ?? 'none';
  return { ...guessed?.layout, ...spec, type: type ?? guessed?.layout.type };
}

/** Types of the columns of a catalogue in CSV, for which all files are read. Undefined where there are none. */
export async function columnTypesOf(
  files: AsyncIterable<NamedBytes>,
  spec: ImportSpec,
): Promise<ColumnTypes> {
  const found: ColumnTypes = { types: new Map(), mixed: new Set() };
  for await (const file of files) {
    const { isParquet, rest } = await looksLikeParquet(file.bytes);
    if (isParquet) break;
    const { format, options, text } = await openText({ ...file, bytes: rest }, spec, {});
    if (format === 'csv') await findColumnTypes(readCsvRecords(text, options), spec.kind, options, found);
    else break;
  }
  return found;
}

/** Decodes the text of a file and settles how it is read. */
export async function openText(file: NamedBytes, spec: ImportSpec, notes: ReadingNotes): Promise<OpenedFile> {
  const { interactionType, preset } = spec;
  const { encoding, bytes } = await toUtf8(file.bytes, spec.encoding);
  notes.encoding = encoding;
  const own: ReadOptions = { ...spec, type: interactionType };
  if (preset !== 'auto') {
    if (preset !== undefined) notes.preset = preset;
    return { format: spec.format === 'ndjson' ? 'ndjson' : 'csv', options: own, text: bytes };
  }
  const { first, rest } = await peek(bytes, GUESSED_BY);
  const beginning = first.toString('utf8').replace(/^\ufeff/, '');
  const guessed = guessPreset(beginning, spec.kind);
  notes.preset = guessed?.name ?? 'none';
  const looksLikeJson = /^\s*[[{]/.test(beginning);
  const format = (guessed?.layout.format ?? spec.format ?? (looksLikeJson ? 'ndjson' : 'csv')) as
    | 'csv'
    | 'ndjson';
  return {
    format,
    options: { ...guessed?.layout, ...own, type: interactionType ?? guessed?.layout.type },
    text: rest,
  };
}
