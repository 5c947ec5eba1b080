import { type Csr, rowLength } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import { csrTensors } from '../stored/csr-state.ts';
import type { EaseForm } from './ease-form.ts';

/** Answers of a sparse matrix of weights [items, items], in plain loops over the pairs that it has. */
export function transitionCounts({ tf }: Engine, weights: Csr): EaseForm & { stored: number } {
  const items = weights.columns;
  return {
    stored: weights.indices.length,
    scores(histories) {
      const out = new Float32Array(histories.rows * items);
      for (let r = 0; r < histories.rows; r++) {
        for (let p = histories.indptr[r]!; p < histories.indptr[r + 1]!; p++)
          addRow(weights, histories.indices[p]!, histories.values[p]!, out, r * items);
      }
      return tf.tensor2d(out, [histories.rows, items]);
    },
    project(directions, width) {
      const out = new Float32Array(items * width);
      for (let item = 0; item < items; item++) {
        for (let p = weights.indptr[item]!; p < weights.indptr[item + 1]!; p++) {
          const from = weights.indices[p]! * width;
          for (let k = 0; k < width; k++)
            out[item * width + k]! += weights.values[p]! * directions[from + k]!;
        }
      }
      return out;
    },
    tensors: () => csrTensors(weights),
    dispose: () => {},
  };
}

function addRow(
  { indptr, indices, values }: Csr,
  row: number,
  weight: number,
  into: Float32Array,
  at: number,
): void {
  for (let q = indptr[row]!; q < indptr[row + 1]!; q++) into[at + indices[q]!]! += weight * values[q]!;
}

/** @param factors [rows] */
export function scaledRows(m: Csr, factors: ArrayLike<number>): Csr {
  const values = m.values.slice();
  for (let row = 0, p = 0; row < m.rows; row++) {
    for (let left = rowLength(m, row); left > 0; left--, p++) values[p] = values[p]! * factors[row]!;
  }
  return { ...m, values };
}
