import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSet } from '../quality/files.ts';

/** The rows of whole teachers: kind and data set. */
export const TEACHER_ROWS = ['ials-128', 'ease', 'graph-filter'].flatMap((kind) =>
  ['ml-100k', 'citeulike-htd'].map((set) => `${kind} ${set}`),
);

/** Settings that both sides train with. */
export const TEACHER_SETTINGS = {
  ials: { dimensions: 128, epochs: 12, regularization: 0.01 },
  ease: { lambda: 100 },
  graph: { components: 256, alpha: 0.3 },
};

/**
 * Writes the training pairs of each set as `SET.bin`: users, items and pairs as three int32, and then a user and an item for each
 * pair. Returns the folder.
 */
export function writePairs(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const set of new Set(TEACHER_ROWS.map((row) => row.split(' ')[1]!))) {
    const { published } = loadSet(set);
    const { rows, columns, indptr, indices } = published;
    const words = new Int32Array(3 + 2 * indices.length);
    words.set([rows, columns, indices.length]);
    for (let row = 0; row < rows; row++) words.fill(row, 3 + indptr[row]!, 3 + indptr[row + 1]!);
    words.set(indices, 3 + indices.length);
    writeFileSync(join(folder, `${set}.bin`), words);
  }
  return folder;
}
