const SAMPLE = 1024;
const ITERATIONS = 4;

/** Row-major Float32 [rows, width]. */
export interface Directions {
  rows: number;
  width: number;
  values: Float32Array;
}

/**
 * Orthonormal directions that carry most of the rows' energy, by subspace iteration over a sample of them. Which
 * directions come out decides only how much the bounds are worth, never whether they hold: a few rounds are enough.
 * @param fill writes row i, less the mean row, into its argument
 * @returns `wanted` directions; they are orthonormal to float32
 */
export function* principalDirections(
  count: number,
  width: number,
  wanted: number,
  fill: (row: number, into: Float64Array) => void,
): Generator<void, Directions> {
  const size = Math.min(count, SAMPLE);
  const sample = new Float64Array(size * width);
  for (let i = 0; i < size; i++) {
    fill(Math.floor((i * count) / size), sample.subarray(i * width, (i + 1) * width));
  }
  yield;
  let basis = startingBasis(width, wanted);
  for (let round = 0; round < ITERATIONS; round++) {
    basis = yield* applyTwice(sample, size, basis, width, wanted);
    orthonormalize(basis, width, wanted);
  }
  return { rows: wanted, width, values: Float32Array.from(basis) };
}

/** X^T X B for X [size, width], B as rows [wanted, width]. */
function* applyTwice(
  sample: Float64Array,
  size: number,
  basis: Float64Array,
  width: number,
  wanted: number,
): Generator<void, Float64Array> {
  const next = new Float64Array(wanted * width);
  for (let i = 0; i < size; i++) {
    const row = i * width;
    for (let j = 0; j < wanted; j++) {
      const at = j * width;
      let dot = 0;
      for (let k = 0; k < width; k++) dot += sample[row + k] * basis[at + k];
      for (let k = 0; k < width; k++) next[at + k] += dot * sample[row + k];
    }
    if (i % 128 === 127) yield;
  }
  return next;
}

/** Fixed numbers without a pattern, so that packing twice gives the same bytes. */
function startingBasis(width: number, wanted: number): Float64Array {
  const basis = Float64Array.from({ length: wanted * width }, (_, i) =>
    Math.sin(12.9898 * (i + 1) * (i + 7)),
  );
  orthonormalize(basis, width, wanted);
  return basis;
}

/** Gram-Schmidt, twice for the rounding. What is dependent is replaced by a unit vector that is not. */
function orthonormalize(basis: Float64Array, width: number, wanted: number): void {
  let spare = 0;
  for (let j = 0; j < wanted; j++) {
    const row = basis.subarray(j * width, (j + 1) * width);
    const before = lengthOf(row);
    if (before > 0) for (let k = 0; k < width; k++) row[k] /= before;
    while (!reduce(basis, width, j, row)) {
      row.fill(0);
      row[spare++ % width] = 1;
    }
  }
}

/** Takes the earlier rows' parts out of a unit row; false when next to nothing is left. */
function reduce(basis: Float64Array, width: number, earlier: number, row: Float64Array): boolean {
  for (let pass = 0; pass < 2; pass++) {
    for (let j = 0; j < earlier; j++) {
      const at = j * width;
      let dot = 0;
      for (let k = 0; k < width; k++) dot += basis[at + k] * row[k];
      for (let k = 0; k < width; k++) row[k] -= dot * basis[at + k];
    }
  }
  const length = lengthOf(row);
  if (!(length > 1e-6)) return false;
  for (let k = 0; k < width; k++) row[k] /= length;
  return true;
}

function lengthOf(row: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < row.length; k++) sum += row[k] * row[k];
  return Math.sqrt(sum);
}
