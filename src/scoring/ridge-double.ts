import type { FoldMemory } from './fold-kernel.ts';

/** Solves what the kernel could not: Cholesky in float64 of the whole matrix, scaled so that the diagonal is about 1. */
export function solveInDouble(memory: FoldMemory, rows: number): void {
  const { columns: d, bytes, steps, roots, diagonal, solution } = memory;
  const shrink = Float64Array.from(diagonal, (value) => 1 / Math.sqrt(value));
  const matrix = new Float64Array(d * d);
  const x = new Float64Array(d);
  const row = new Float64Array(d);
  for (let k = 0; k < d; k++) matrix[k * d + k] = 1;
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < d; k++) row[k] = steps[i] * shrink[k] * bytes[i * d + k];
    for (let k = 0; k < d; k++) {
      x[k] += roots[i] * row[k];
      for (let l = 0; l <= k; l++) matrix[k * d + l] += row[k] * row[l];
    }
  }
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * d + k] * matrix[j * d + k];
      matrix[i * d + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * d + j];
    }
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= matrix[i * d + k] * x[k];
    x[i] = sum / matrix[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    x[i] /= matrix[i * d + i];
    for (let k = 0; k < i; k++) x[k] -= x[i] * matrix[i * d + k];
  }
  for (let k = 0; k < d; k++) solution[k] = shrink[k] * x[k];
}
