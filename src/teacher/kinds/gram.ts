import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import { blockStarts, type SymmetricBlocks } from '../../tensor/linalg/block-inverse.ts';

/**
 * m'm + lambda I, [columns, columns], in the blocks that invertBlocks takes. Costs the sum of the squared row lengths, one
 * pass per row of blocks, so that no more than one such row of blocks exists outside of tensors.
 */
export function gramBlocks({ tf }: Engine, m: Csr, lambda: number, size: number): SymmetricBlocks {
  const starts = blockStarts(m.columns, size);
  const columns = transpose(m);
  return starts.slice(1).map((to, i) => {
    const from = starts[i]!;
    const band = new Float32Array((to - from) * to);
    for (let c = from; c < to; c++) {
      addColumn(m, columns, c, band.subarray((c - from) * to, (c - from + 1) * to));
      band[(c - from) * to + c]! += lambda;
    }
    const rows = tf.tensor2d(band, [to - from, to]);
    const blocks = starts
      .slice(0, i + 1)
      .map((start, j) => tf.slice(rows, [0, start], [to - from, starts[j + 1]! - start]));
    rows.dispose();
    return blocks;
  });
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
