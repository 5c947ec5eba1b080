import { type Csr, rowLength } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Ridge } from './fold-in-solve.ts';

/**
 * Brings the vectors of all rows nearer to the solutions that solveRows finds, by some steps of conjugate gradients from where
 * they are (Takács, Pilászy & Tikk, RecSys 2011). No matrix of a row is built: a step costs d numbers per pair and d^2 per row,
 * where solving costs d^2 per pair and d^3 per row. From round to round of iALS three steps do: the next round goes on.
 *
 * @param factors [columns, d] Y
 * @param start [rows, d]; it is not changed
 * @returns [rows, d], zero for rows without pairs; yields after each step
 */
export function* improveRows(
  engine: Engine,
  factors: Float32Array,
  observed: Csr,
  ridge: Ridge,
  start: Float32Array,
  steps: number,
): Generator<void, Float32Array> {
  const d = factors.length / observed.columns;
  const system = createSystem(engine, factors, observed, ridge, d);
  try {
    const solution = start.slice();
    const residual = system.residual(solution);
    const direction = residual.slice();
    let before = squaresOf(residual, d);
    for (let step = 0; step < steps; step++) {
      const image = system.apply(direction);
      const along = dotsOf(direction, image, d);
      for (let row = 0, at = 0; row < observed.rows; row++) {
        const alpha = along[row]! > 0 ? before[row]! / along[row]! : 0;
        for (const end = at + d; at < end; at++) {
          solution[at] = solution[at]! + alpha * direction[at]!;
          residual[at] = residual[at]! - alpha * image[at]!;
        }
      }
      const after = squaresOf(residual, d);
      for (let row = 0, at = 0; row < observed.rows; row++) {
        const beta = before[row]! > 0 ? after[row]! / before[row]! : 0;
        for (const end = at + d; at < end; at++) direction[at] = residual[at]! + beta * direction[at]!;
      }
      before = after;
      yield;
    }
    return solution;
  } finally {
    system.dispose();
  }
}

/** The equations of all rows: A_r u = (sum_j x_j y_j y_j' + a0 Y'Y + l (n + a0 N) I) u, and sum_j x_j y_j on the right. */
function createSystem(engine: Engine, factors: Float32Array, observed: Csr, ridge: Ridge, d: number) {
  const { tf } = engine;
  const gram = tf.tidy(() => {
    const y = tf.tensor2d(factors, [observed.columns, d]);
    return tf.mul(tf.matMul(y, y, true), ridge.unobservedWeight) as Tensor;
  });
  const ridges = Float32Array.from(
    { length: observed.rows },
    (_, row) => ridge.regularization * (rowLength(observed, row) + ridge.unobservedWeight * observed.columns),
  );
  const throughGram = (u: Float32Array) =>
    readAndDispose(tf.tidy(() => tf.matMul(tf.tensor2d(u, [observed.rows, d]), gram)));
  return {
    /** [rows, d] A u */
    apply(u: Float32Array): Float32Array {
      const out = throughGram(u);
      addPairs(out, u, factors, observed, ridges, d);
      return out;
    },
    /** [rows, d] right side - A u; rows without pairs are set to zero, here and in u. */
    residual(u: Float32Array): Float32Array {
      for (let row = 0; row < observed.rows; row++)
        if (rowLength(observed, row) === 0) u.fill(0, row * d, (row + 1) * d);
      const out = this.apply(u);
      subtractFromRight(out, factors, observed, d);
      return out;
    },
    dispose: () => gram.dispose(),
  };
}

/** Adds to each row of `out` what its own pairs and the ridge do to u. */
function addPairs(
  out: Float32Array,
  u: Float32Array,
  factors: Float32Array,
  { rows, indptr, indices, values }: Csr,
  ridges: Float32Array,
  d: number,
): void {
  for (let row = 0; row < rows; row++) {
    const at = row * d;
    for (let k = 0; k < d; k++) out[at + k] = out[at + k]! + ridges[row]! * u[at + k]!;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const from = indices[p]! * d;
      let dot = 0;
      for (let k = 0; k < d; k++) dot += factors[from + k]! * u[at + k]!;
      dot *= values[p]!;
      for (let k = 0; k < d; k++) out[at + k] = out[at + k]! + dot * factors[from + k]!;
    }
  }
}

function subtractFromRight(
  image: Float32Array,
  factors: Float32Array,
  { rows, indptr, indices, values }: Csr,
  d: number,
): void {
  for (let at = 0; at < image.length; at++) image[at] = -image[at]!;
  for (let row = 0; row < rows; row++) {
    const at = row * d;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      const from = indices[p]! * d;
      const x = values[p]!;
      for (let k = 0; k < d; k++) image[at + k] = image[at + k]! + x * factors[from + k]!;
    }
  }
}

/** [rows] */
function dotsOf(a: Float32Array, b: Float32Array, d: number): Float64Array {
  const dots = new Float64Array(a.length / d);
  for (let row = 0, at = 0; row < dots.length; row++) {
    let sum = 0;
    for (const end = at + d; at < end; at++) sum += a[at]! * b[at]!;
    dots[row] = sum;
  }
  return dots;
}

const squaresOf = (a: Float32Array, d: number) => dotsOf(a, a, d);
