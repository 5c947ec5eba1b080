import { problem } from '../../core/errors.ts';
import type { ImportQuery, ImportSpec } from '../../domain/data/import.ts';
import type { ImportFormat } from '../../domain/data/import-kind.ts';
import { OptionProblem, parseReading } from '../../domain/data/reading/parse.ts';
import type { Preset } from '../../domain/data/reading/preset-kit.ts';
import { layoutOf, PRESETS } from '../../domain/data/reading/presets.ts';
import { CSV_OPTIONS } from '../../domain/data/reading/query.ts';
import type { Reading } from '../../domain/data/reading/reading.ts';

export type Packing = '' | '.gz' | '.zst';

/** How the file of a query is read. */
export interface FileShape {
  /** Undefined where preset=auto finds it out. */
  format: ImportFormat | undefined;
  /** The type of rows that have none. */
  type: string | undefined;
  reading: Reading;
}

/** The options of the preset, with what the query says over them. */
export async function shapeOf(query: ImportQuery): Promise<FileShape> {
  checkKind(query);
  const preset = presetOf(query);
  const asked = parsed(query);
  const { format: presetFormat, type: presetType, begins: _, ...layout } = preset?.layout ?? {};
  const format = query.format ?? presetFormat;
  if (format === undefined && preset?.name !== 'auto') {
    throw problem(
      'invalid-request',
      'format is missing; it must be one of csv, ndjson, parquet, or preset= says it.',
    );
  }
  const reading: Reading = { ...layout, ...asked, ...(preset && { preset: preset.name }) };
  checkOptions(query, format, reading);
  await checkTimes(reading);
  return { format, type: query.type ?? presetType, reading };
}

function checkKind({ kind, name, type, values, types, timestamps }: ImportQuery): void {
  if (kind !== 'interactions') {
    const [field] =
      Object.entries({ type, values, types, timestamps }).find(([, value]) => value !== undefined) ?? [];
    if (field !== undefined) {
      throw problem(
        'invalid-request',
        `${field} only belongs to kind=interactions; leave it out for ${kind}.`,
      );
    }
  }
  if (kind === 'teacher' && name === undefined) {
    throw problem('invalid-request', 'kind=teacher needs a name, as in name=night-model; jobs refer to it.');
  }
  if (kind !== 'teacher' && name !== undefined) {
    throw problem('invalid-request', `name only belongs to kind=teacher; leave it out for ${kind}.`);
  }
}

function presetOf({ preset, mapping, kind, format }: ImportQuery) {
  if (preset !== undefined && mapping !== undefined) {
    throw problem('invalid-request', 'mapping is the former name of preset; give preset alone.');
  }
  const name = preset ?? mapping;
  if (name === undefined || name === 'auto') return name && { name, layout: undefined };
  const layout = layoutOf(name, kind, format);
  if (layout) return { name, layout };
  const { layouts } = PRESETS[name] as Preset;
  const has = Object.entries(layouts).map(
    ([each, found]) =>
      `${each} (${[found]
        .flat()
        .map((one) => one.format)
        .join(', ')})`,
  );
  const asked = format === undefined ? kind : `${kind} as ${format}`;
  throw problem('invalid-request', `preset ${name} has no ${asked}; it has ${has.join(', ')}.`);
}

function parsed(query: ImportQuery): Reading {
  try {
    return parseReading(query);
  } catch (error) {
    if (error instanceof OptionProblem) throw problem('invalid-request', `${error.message}.`);
    throw error;
  }
}

function checkOptions(query: ImportQuery, format: ImportFormat | undefined, reading: Reading): void {
  if (format !== undefined && format !== 'csv') {
    const cells = CSV_OPTIONS.find((option) => query[option] !== undefined);
    if (cells !== undefined)
      throw problem('invalid-request', `${cells} belongs to format=csv; leave it out.`);
  }
  if (reading.header === false && reading.columns === undefined && reading.names === undefined) {
    throw problem(
      'invalid-request',
      'header=false needs names, as in names=userId,itemId,rating, or columns with numbers, as in columns=userId:1,itemId:2.',
    );
  }
  if (query.header === true && reading.names !== undefined) {
    throw problem(
      'invalid-request',
      'names is for files without a header; leave out one of names and header=true.',
    );
  }
}

/** Luxon, which knows the zones, is loaded by requests that name one of these only. */
async function checkTimes({ timestampFormat: format, timezone }: Reading): Promise<void> {
  if (format === undefined || format === 'auto') return;
  const { decideTimes } = await import('../../ingest/times/decide.ts');
  const decided = decideTimes([], { format, timezone });
  if (typeof decided === 'string') throw problem('invalid-request', `${decided}.`);
}

/** The spec of the job, but for the uploaded file. */
export function specOf({
  kind,
  name,
  url,
  path,
  dryRun,
  maxRejects,
  timestamps,
  shape,
}: ImportQuery & { shape: FileShape }): ImportSpec {
  const { format, type, reading } = shape;
  return {
    type: 'import',
    kind,
    ...(format !== undefined && { format }),
    ...(name !== undefined && { name }),
    ...reading,
    ...(type !== undefined && { interactionType: type }),
    ...(url !== undefined && { url }),
    ...(path !== undefined && { path }),
    ...(dryRun !== undefined && { dryRun }),
    ...(maxRejects !== undefined && { maxRejects }),
    ...(timestamps !== undefined && { timestamps }),
  };
}

/** The ending that says how the file is packed. */
export function packingOf(encoding: string | undefined): Packing {
  if (encoding === undefined || encoding === 'identity') return '';
  if (encoding === 'gzip' || encoding === 'x-gzip') return '.gz';
  if (encoding === 'zstd') return '.zst';
  throw problem(
    'unsupported-media-type',
    `Content-Encoding must be gzip, zstd or identity; got ${encoding}.`,
  );
}
