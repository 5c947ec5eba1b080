import { problem } from '../../../core/errors.ts';
import { type Csr, rowLength, selectRows } from '../../../dataset/matrix.ts';
import { type Sequences, toSequences } from '../../../dataset/sequences.ts';
import type { SparseRows } from '../../../tensor/sparse/rows.ts';

/**
 * Each history without its newest item, and at every place the item that came next.
 * @param histories at least two items in each row
 * @returns targets one row per place in use
 */
export function nextItems(histories: Csr, maxLength: number): { sequences: Sequences; targets: SparseRows } {
  const { items, length, lengths, rows } = toSequences(histories, maxLength + 1);
  const shown: Sequences = {
    rows,
    length: length - 1,
    items: new Int32Array(rows * (length - 1)),
    lengths: lengths.map((n) => n - 1),
  };
  const next: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = items.subarray(r * length, (r + 1) * length);
    shown.items.set(row.subarray(0, length - 1), r * (length - 1));
    next.push(...row.subarray(length - lengths[r]! + 1));
  }
  const targets = {
    indptr: Int32Array.from({ length: next.length + 1 }, (_, i) => i),
    indices: Int32Array.from(next),
    values: new Float32Array(next.length).fill(1),
    columns: histories.columns,
  };
  return { sequences: shown, targets };
}

export function longEnough(train: Csr): Csr {
  const all = Int32Array.from({ length: train.rows }, (_, r) => r);
  const rows = all.filter((r) => rowLength(train, r) >= 2);
  if (rows.length > 0) return selectRows(train, rows);
  throw problem(
    'not-enough-data',
    'A sequential teacher needs a user with at least two items to train on, one after the other; there is none',
  );
}
