import { type Static, Type } from 'typebox';

export const IMPORT_KINDS = ['interactions', 'items', 'users', 'teacher'] as const;
export const ImportKind = Type.Enum([...IMPORT_KINDS]);
export type ImportKind = Static<typeof ImportKind>;

export const IMPORT_FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export const ImportFormat = Type.Enum([...IMPORT_FORMATS]);
export type ImportFormat = Static<typeof ImportFormat>;
