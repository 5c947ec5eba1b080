import type { ImportKind } from '../../domain/data/import-kind.ts';
import { DEFAULT_NULLS } from '../../domain/data/reading/reading.ts';
import { withHeader } from '../csv-header.ts';
import type { CsvRecord, ReadOptions } from '../read-rows.ts';
import { columnsOf } from './csv-columns.ts';
import { PLAIN_NUMBER } from './csv-mapper.ts';
import { typeOfField } from './fields.ts';

export type ColumnType = 'number' | 'text';
export interface ColumnTypes {
  types: Map<string, ColumnType>;
  /** Columns of texts that have numbers too. */
  mixed: Set<string>;
}

/**
 * Looks at all cells of a catalogue's features: a column is one of numbers when all of its cells are, so that no
 * postcode is a number where another one is not.
 * @param found types of the files before, which this one adds to
 */
export async function findColumnTypes(
  batches: AsyncIterable<CsvRecord[]>,
  kind: ImportKind,
  options: ReadOptions,
  found: ColumnTypes,
): Promise<void> {
  const nulls = new Set(options.nulls ?? DEFAULT_NULLS);
  let features: { field: string; place: number }[] = [];
  const records = withHeader(batches, options, (header) => {
    features = columnsOf(kind, header, options)
      .filter(({ field, form }) => form === 'cell' && typeOfField(kind, field) === 'feature')
      .flatMap(({ field, places }) => places.map((place) => ({ field, place })));
  });
  for await (const batch of records) {
    for (const each of batch)
      if ('record' in each) for (const feature of features) look(each.record, feature);
  }
  function look(cells: readonly string[], { field, place }: { field: string; place: number }): void {
    const cell = cells[place];
    if (cell === undefined || cell === '' || nulls.has(cell)) return;
    const type: ColumnType = PLAIN_NUMBER.test(cell) ? 'number' : 'text';
    const before = found.types.get(field) ?? type;
    if (before !== type) found.mixed.add(field);
    found.types.set(field, before === type ? type : 'text');
  }
}
