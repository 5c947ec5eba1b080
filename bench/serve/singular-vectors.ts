import { createRng } from '../../src/core/rng.ts';

const ROUNDS = 4;
const SPARE = 8;

/**
 * Subspace iteration on X^T X, the users' rows of X scaled by `weights`. Float32 [items, width], each direction scaled
 * by the root of its singular value.
 */
export function rightSingularVectors(
  histories: readonly ArrayLike<number>[],
  weights: readonly number[],
  items: number,
  width: number,
  seed: number,
): Float32Array {
  const rng = createRng(seed);
  const size = width + SPARE;
  let basis = Float64Array.from({ length: items * size }, () => rng.normal());
  let lengths = orthonormalizeColumns(basis, items, size);
  for (let round = 0; round < ROUNDS; round++) {
    basis = applyTwice(histories, weights, basis, items, size);
    lengths = orthonormalizeColumns(basis, items, size);
  }
  const out = new Float32Array(items * width);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < width; k++) out[i * width + k] = basis[i * size + k] * lengths[k]! ** 0.25;
  }
  return out;
}

function applyTwice(
  histories: readonly ArrayLike<number>[],
  weights: readonly number[],
  basis: Float64Array,
  items: number,
  size: number,
) {
  const next = new Float64Array(items * size);
  const sum = new Float64Array(size);
  histories.forEach((rows, user) => {
    const weight = weights[user]! ** 2;
    sum.fill(0);
    for (let i = 0; i < rows.length; i++) for (let k = 0; k < size; k++) sum[k] += basis[rows[i]! * size + k];
    for (let i = 0; i < rows.length; i++)
      for (let k = 0; k < size; k++) next[rows[i]! * size + k] += weight * sum[k];
  });
  return next;
}

/** Gram-Schmidt; answers the columns' lengths before they were scaled. */
function orthonormalizeColumns(basis: Float64Array, rows: number, size: number): number[] {
  const lengths: number[] = [];
  for (let j = 0; j < size; j++) {
    for (let before = 0; before < j; before++) {
      let dot = 0;
      for (let i = 0; i < rows; i++) dot += basis[i * size + j] * basis[i * size + before];
      for (let i = 0; i < rows; i++) basis[i * size + j] -= dot * basis[i * size + before];
    }
    let squared = 0;
    for (let i = 0; i < rows; i++) squared += basis[i * size + j] ** 2;
    const length = Math.sqrt(squared);
    lengths.push(length);
    for (let i = 0; i < rows; i++) basis[i * size + j] /= length;
  }
  return lengths;
}
