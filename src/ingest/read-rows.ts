import type { Reading, ReadingNotes } from '../domain/data/reading/reading.ts';

/** One data row of a file: what it says, not yet checked, or why it cannot be read. `text` is the row for a report. */
export type FileRow = { line: number; text: RowText } & ({ raw: unknown } | { reason: string });

/** Cells are put together again only when a row is reported. */
export type RowText = string | readonly string[];

/** One record of a file as it stands there: the cells of a CSV, or a value of JSON. */
export type FileRecord<T> = { line: number; text: RowText } & ({ record: T } | { reason: string });

export type CsvRecord = FileRecord<readonly string[]>;

/** The row that a record says, or several of them. */
export type Mapped = { raw: unknown } | { reason: string };
export type MapRecord<T> = (record: T) => Mapped | Mapped[];

export interface ReadOptions extends Reading {
  /** The type of interactions that name none. */
  type?: string | undefined;
  /** Gets what the reading decides. */
  notes?: ReadingNotes;
  /** Columns of a catalogue whose cells are all numbers or texts; where it is left out each cell decides. */
  columnTypes?: ReadonlyMap<string, 'number' | 'text'>;
}

/** Records that are looked at before the first row is made: by them the format of times is decided. */
const LOOKED_AT = 1000;

/**
 * Rows of records. The mapper is made when the first records are there.
 * @param createMap gets those of the first LOOKED_AT records that can be read
 */
export async function* mapRecords<T>(
  batches: AsyncIterable<FileRecord<T>[]>,
  createMap: (sample: T[]) => MapRecord<T>,
): AsyncGenerator<FileRow[]> {
  let waiting: FileRecord<T>[] = [];
  let map: MapRecord<T> | undefined;
  const take = (): FileRow[] => {
    map ??= createMap(
      waiting.slice(0, LOOKED_AT).flatMap((record) => ('record' in record ? [record.record] : [])),
    );
    const rows = rowsOf(waiting, map);
    waiting = [];
    return rows;
  };
  try {
    for await (const batch of batches) {
      waiting = waiting.length === 0 ? batch : waiting.concat(batch);
      if (map || waiting.length >= LOOKED_AT) yield take();
    }
  } catch (error) {
    // What could be read before the break counts.
    if (waiting.length > 0) yield take();
    throw error;
  }
  // Without a record too: a header is checked all the same.
  if (waiting.length > 0 || !map) yield take();
}

function rowsOf<T>(records: readonly FileRecord<T>[], map: MapRecord<T>): FileRow[] {
  const rows: FileRow[] = [];
  for (const record of records) {
    if ('reason' in record) rows.push(record);
    else {
      const { line, text } = record;
      const mapped = map(record.record);
      if (Array.isArray(mapped)) for (const one of mapped) rows.push({ line, text, ...one });
      else if ('raw' in mapped) rows.push({ line, text, raw: mapped.raw });
      else rows.push({ line, text, reason: mapped.reason });
    }
  }
  return rows;
}
