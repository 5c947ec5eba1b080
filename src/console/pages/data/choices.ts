import type { ImportFormat, ImportKind } from '../../../domain/data/import-kind.ts';

export const KINDS: readonly (readonly [ImportKind, string])[] = [
  ['interactions', 'interactions'],
  ['items', 'items of the catalogue'],
  ['users', 'users with features'],
  ['teacher', 'scores of a teacher made elsewhere'],
];

export const FORMATS: readonly (readonly [ImportFormat, string])[] = [
  ['csv', 'CSV, or text with other separators'],
  ['ndjson', 'JSON, one object a line or a list'],
  ['parquet', 'Parquet'],
];
