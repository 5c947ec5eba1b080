import type { ImportFormat } from '../../../domain/data/import-kind.ts';

const FORMATS: [ImportFormat, RegExp][] = [
  ['csv', /\.(csv|tsv|txt|dat|inter|data|item|user)$/],
  ['ndjson', /\.(json|jsonl|ndjson)$/],
  ['parquet', /\.(parquet|pq)$/],
];

/** A preview looks at the first megabyte; a little more tells the api that the file goes on. */
const LOOKED_AT = 1.25 * 2 ** 20;
const MOST_PARQUET = 64 * 2 ** 20;

/** The format that the name of a file tells, packed or not; csv where it tells none. */
export function formatOf(name: string): ImportFormat {
  const plain = name
    .toLowerCase()
    .replace(/\.(gz|gzip|zst|zip|tar|tgz)$/g, '')
    .replace(/\.tar$/, '');
  return FORMATS.find(([, pattern]) => pattern.test(plain))?.[0] ?? 'csv';
}

/** The part of a file that a preview needs: all of Parquet, whose columns are named at its end. */
export function beginningOf(file: Blob, format: string): Blob {
  return format === 'parquet' || file.size <= LOOKED_AT ? file : file.slice(0, LOOKED_AT);
}

/** Why the API would refuse to preview a file; null where it would not. */
export function previewRefusal(file: Blob, format: string): string | null {
  if (format !== 'parquet' || file.size <= MOST_PARQUET) return null;
  return 'A preview reads Parquet whole, and at most 64 MiB of it. A dry run reads all of it and stores nothing.';
}
