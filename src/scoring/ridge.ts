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
  const matrix = new Float64Array(d * d);
  /** S, or its transpose where that is the shorter side; either way the sides' products are those of whole rows. */
  let sides = new Float64Array(0);
  let roots = new Float64Array(0);
  let n = 0;
  let most = 0;
  const isLong = () => most > d;
  return {
    begin(gram, more, length) {
      n = 0;
      most = length;
      if (most > roots.length) {
        roots = new Float64Array(2 * most);
        sides = new Float64Array(2 * most * d);
      }
      for (let k = 0; k < d; k++) shrink[k] = 1 / Math.sqrt(gram[k] + more);
    },
    add(q, at, step, weight) {
      const root = Math.sqrt(weight);
      roots[n] = root;
      if (isLong()) writeScaled(sides, n, most, q, at, root * step, shrink);
      else writeScaled(sides, n * d, 1, q, at, root * step, shrink);
      n++;
    },
    solveInto(out, factor) {
      out.fill(0);
      if (n === 0) return;
      if (isLong()) {
        for (let k = 0; k < d; k++) out[k] = dot(sides, k * most, roots, 0, n);
        productsOfRows(matrix, sides, d, most);
        solvePositive(matrix, out, d);
      } else {
        productsOfRows(matrix, sides, n, d);
        solvePositive(matrix, roots, n);
        for (let i = 0; i < n; i++) addRow(out, sides, i * d, roots[i], d);
      }
      for (let k = 0; k < d; k++) out[k] *= factor * shrink[k];
    },
  };
}

// Loops that are functions of their own run faster than loops within loops.

function writeScaled(
  to: Float64Array,
  at: number,
  stride: number,
  q: Int8Array,
  from: number,
  factor: number,
  shrink: Float64Array,
): void {
  for (let k = 0; k < shrink.length; k++) to[at + k * stride] = factor * shrink[k] * q[from + k];
}

function addRow(out: Float64Array, rows: Float64Array, at: number, factor: number, d: number): void {
  for (let k = 0; k < d; k++) out[k] += factor * rows[at + k];
}

/** Writes the lower half of R R' for R [count, length]. */
function productsOfRows(out: Float64Array, rows: Float64Array, count: number, length: number): void {
  let i = 0;
  for (; i + 1 < count; i += 2) for (let j = 0; j <= i; j += 2) fourProducts(out, rows, i, j, count, length);
  if (i < count)
    for (let j = 0; j <= i; j++) out[i * count + j] = dot(rows, i * length, rows, j * length, length);
}

/** Rows i and i + 1 by rows j and j + 1: each number that is read is used twice. */
function fourProducts(
  out: Float64Array,
  rows: Float64Array,
  i: number,
  j: number,
  count: number,
  length: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let a0 = i * length;
  let a1 = a0 + length;
  let b0 = j * length;
  let b1 = b0 + length;
  for (let k = 0; k < length; k++) {
    const x0 = rows[a0++];
    const x1 = rows[a1++];
    const y0 = rows[b0++];
    const y1 = rows[b1++];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s10 += x1 * y0;
    s11 += x1 * y1;
  }
  out[i * count + j] = s00;
  out[i * count + j + 1] = s01;
  out[(i + 1) * count + j] = s10;
  out[(i + 1) * count + j + 1] = s11;
}

/** Four sums at a time, which do not wait for one another. */
function dot(a: Float64Array, left: number, b: Float64Array, right: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += a[left + k] * b[right + k];
    s1 += a[left + k + 1] * b[right + k + 1];
    s2 += a[left + k + 2] * b[right + k + 2];
    s3 += a[left + k + 3] * b[right + k + 3];
  }
  for (; k < length; k++) s0 += a[left + k] * b[right + k];
  return s0 + s1 + (s2 + s3);
}

/** Solves (I + A) x = b in place of b, by Cholesky in place of A's lower half [n, n]. */
function solvePositive(a: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) a[row + j] = (a[row + j] - dot(a, row, a, j * n, j)) / a[j * n + j];
    a[row + i] = Math.sqrt(1 + a[row + i] - dot(a, row, a, row, i));
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= a[row + k] * b[k];
    b[i] = sum / a[row + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    b[i] /= a[i * n + i];
    for (let k = 0; k < i; k++) b[k] -= b[i] * a[i * n + k];
  }
}
