import type { ColumnMapping } from '../domain/data/import-mapping.ts';

/** One data row of a file: what it says, not yet checked, or why it cannot be read. `text` is the row for a report. */
export type FileRow = { line: number; text: RowText } & ({ raw: unknown } | { reason: string });

/** Cells are put together again only when a row is reported. */
export type RowText = string | readonly string[];

export interface ReadOptions {
  /** The type of interactions that name none. */
  type?: string | undefined;
  columns?: ColumnMapping | undefined;
  delimiter?: string | undefined;
  header?: boolean | undefined;
}
