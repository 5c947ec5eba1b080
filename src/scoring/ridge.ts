/**
 * The solution u of (D + sum_i w_i y_i y_i') u = sum_i w_i y_i for few or many y_i [d] and a diagonal D. With s_i =
 * sqrt(w_i) D^-1/2 y_i as the rows of S [n, d] it is
 *
 *   u = D^-1/2 (I + S'S)^-1 S' sqrt(w) = D^-1/2 S' (I + SS')^-1 sqrt(w),
 *
 * so that the shorter side decides the size of the matrix that is factorized. float64, in memory that is reused.
 */
export interface Ridge {
  /** @param gram [d] of the diagonal, to which `more` is added @param most rows that will be added */
  begin(gram: Float32Array, more: number, most: number): void;
  /** Adds the row step * q[at ... at + d] with a weight. */
  add(q: Int8Array, at: number, step: number, weight: number): void;
  /** Writes factor * u; zeros where nothing was added. */
  solveInto(out: Float64Array, factor: number): void;
}

export function createRidge(d: number): Ridge {
  /** D^-1/2 */
  const shrink = new Float64Array(d);
  const wide = new Float64Array(d * d);
  const narrow = new Float64Array(d * d);
  let rows = new Float64Array(0);
  let roots = new Float64Array(0);
  let n = 0;
  return {
    begin(gram, more, most) {
      n = 0;
      if (most > roots.length) {
        roots = new Float64Array(2 * most);
        rows = new Float64Array(2 * most * d);
      }
      for (let k = 0; k < d; k++) shrink[k] = 1 / Math.sqrt(gram[k] + more);
    },
    add(q, at, step, weight) {
      const root = Math.sqrt(weight);
      roots[n] = root;
      scaleRow(rows, n * d, q, at, root * step, shrink);
      n++;
    },
    solveInto(out, factor) {
      out.fill(0);
      if (n === 0) return;
      if (n < d) {
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) narrow[i * n + j] = dot(rows, i * d, j * d, d);
        solvePositive(narrow, roots, n);
        for (let i = 0; i < n; i++) addRow(out, rows, i * d, roots[i], d);
      } else {
        wide.fill(0);
        for (let i = 0; i < n; i++) {
          addRow(out, rows, i * d, roots[i], d);
          addSquare(wide, rows, i * d, d);
        }
        solvePositive(wide, out, d);
      }
      for (let k = 0; k < d; k++) out[k] *= factor * shrink[k];
    },
  };
}

// Loops that are functions of their own run faster than loops within loops.

function scaleRow(
  rows: Float64Array,
  to: number,
  q: Int8Array,
  at: number,
  factor: number,
  shrink: Float64Array,
): void {
  for (let k = 0; k < shrink.length; k++) rows[to + k] = factor * shrink[k] * q[at + k];
}

function addRow(out: Float64Array, rows: Float64Array, at: number, factor: number, d: number): void {
  for (let k = 0; k < d; k++) out[k] += factor * rows[at + k];
}

/** Adds y y' to the lower half of a [d, d]. */
function addSquare(a: Float64Array, rows: Float64Array, at: number, d: number): void {
  for (let i = 0; i < d; i++) addPart(a, i * d, rows, at, rows[at + i], i);
}

function addPart(
  a: Float64Array,
  to: number,
  rows: Float64Array,
  at: number,
  factor: number,
  last: number,
): void {
  for (let j = 0; j <= last; j++) a[to + j] += factor * rows[at + j];
}

/** Four sums at a time, which do not wait for one another. */
function dot(a: Float64Array, left: number, right: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[left + k] * a[right + k];
    s1 += a[left + k + 1] * a[right + k + 1];
    s2 += a[left + k + 2] * a[right + k + 2];
    s3 += a[left + k + 3] * a[right + k + 3];
  }
  for (; k < length; k++) s0 += a[left + k] * a[right + k];
  return s0 + s1 + (s2 + s3);
}

/** Solves (I + A) x = b in place of b, by Cholesky in place of A's lower half [n, n]. */
function solvePositive(a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) a[row + j] = (a[row + j] - dot(a, row, j * n, j)) / a[j * n + j];
    a[row + i] = Math.sqrt(1 + a[row + i] - dot(a, row, row, i));
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= a[row + k] * b[k];
    b[i] = sum / a[row + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i] /= a[i * n + i];
    for (let k = 0; k < i; k++) b[k] -= b[i] * a[i * n + k];
  }
}
