import type { Sliced } from '../../core/slices.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import { blockStarts, type SymmetricBlocks } from '../../tensor/linalg/block-inverse.ts';

/**
 * m'm, [columns, columns], in the blocks that invertBlocks takes. Costs the sum of the squared row lengths; no more than one row
 * of blocks exists outside of tensors. It pauses after each.
 */
export function* gramBlocks({ tf }: Engine, m: Csr, size: number): Sliced<SymmetricBlocks> {
  const starts = blockStarts(m.columns, size);
  const columns = transpose(m);
  const blocks: SymmetricBlocks = [];
  let isDone = false;
  try {
    for (const [i, to] of starts.slice(1).entries()) {
      const from = starts[i]!;
      const rows = tf.tensor2d(gramRows(m, columns, from, to, to), [to - from, to]);
      blocks.push(
        starts
          .slice(0, i + 1)
          .map((start, j) => tf.slice(rows, [0, start], [to - from, starts[j + 1]! - start])),
      );
      rows.dispose();
      yield;
    }
    isDone = true;
    return blocks;
  } finally {
    if (!isDone) tf.dispose(blocks.flat());
  }
}

/**
 * Rows from..to of m'm, as far as column `width`.
 * @param columns the transposed matrix
 */
export function gramRows(m: Csr, columns: Csr, from: number, to: number, width: number): Float32Array {
  const band = new Float32Array((to - from) * width);
  for (let c = from; c < to; c++) {
    addColumn(m, columns, c, band.subarray((c - from) * width, (c - from + 1) * width));
  }
  return band;
}

/** Adds column c of m'm, as far as the length of `into`. */
function addColumn(m: Csr, columns: Csr, c: number, into: Float32Array): void {
  const end = into.length;
  for (let p = columns.indptr[c]!; p < columns.indptr[c + 1]!; p++) {
    const row = columns.indices[p]!;
    const weight = columns.values[p]!;
    for (let q = m.indptr[row]!; q < m.indptr[row + 1]!; q++) {
      const other = m.indices[q]!;
      // Columns ascend.
      if (other >= end) break;
      into[other]! += weight * m.values[q]!;
    }
  }
}
