import type { ImportSpec } from '../../domain/data/import.ts';
import type { ReadingNotes } from '../../domain/data/reading/reading.ts';
import type { ColumnTypes } from '../../ingest/mapping/column-types.ts';
import { columnTypesOf } from '../../ingest/read-file.ts';
import type { ImportPlaces } from './import-places.ts';
import { openImportSource } from './import-source.ts';
import type { ImportLimits } from './limit-source.ts';

/** A catalogue in CSV is read twice: a column has one type, whatever its first cells look like. */
export async function findColumnTypes(
  run: ImportPlaces & { spec: ImportSpec; signal: AbortSignal; limits?: ImportLimits | undefined },
  notes: ReadingNotes,
  startedAt: number,
): Promise<ColumnTypes | undefined> {
  const { spec, signal } = run;
  if ((spec.kind !== 'items' && spec.kind !== 'users') || (spec.format ?? 'csv') !== 'csv') return undefined;
  const source = await openImportSource(run, spec, signal, startedAt);
  const types = await columnTypesOf(source.files, spec).finally(source.close);
  if (types.mixed.size > 0) notes.textColumns = [...types.mixed];
  return types;
}
