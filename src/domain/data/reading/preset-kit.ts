import type { ImportFormat, ImportKind } from '../import-kind.ts';
import type { Reading } from './reading.ts';

/** How one file of a known layout is read. */
export interface Layout extends Reading {
  format: ImportFormat;
  /** The type of rows that have none. */
  type?: string;
  /** Matches the beginning of such a file; for preset=auto. */
  begins?: RegExp;
}

export interface Preset {
  /** The files, in words. */
  says: string;
  /** The first of several layouts counts, unless the query names the format of another. */
  layouts: Partial<Record<ImportKind, Layout | Layout[]>>;
}

export const csv = (columns: string, more: Partial<Layout> = {}): Layout => ({
  format: 'csv',
  columns: columnsOf(columns),
  ...more,
});
export const json = (columns: string, more: Partial<Layout> = {}): Layout => ({
  format: 'ndjson',
  columns: columnsOf(columns),
  ...more,
});
export const bare = { header: false, quote: '' } as const;

/** `userId:user|visitor,itemId:item` */
export function columnsOf(text: string): Record<string, string[]> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const colon = part.indexOf(':');
      return [part.slice(0, colon), part.slice(colon + 1).split('|')];
    }),
  );
}
