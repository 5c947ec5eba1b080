// Ridge regressions of many rows at once, in AssemblyScript: compiled by scripts/setup/kernel.mjs, driven by
// src/tensor/ridge, held by a test to what Cholesky in float64 answers.
//
// The equations of a row with the pairs (j, v_j), for given factors y_j of the columns:
//
//   (sum_j v_j y_j y_j' + a0 Y'Y + ridge I) u = sum_j v_j y_j
//
// The host has turned all factors so that a0 Y'Y is diagonal ("spectrum"). Then a step of conjugate gradients costs two products
// per pair and none with a d x d matrix, and the diagonal is a preconditioner that leaves as many unusual eigenvalues as the row
// has pairs.
//
// Rows are `width` floats apart, a multiple of 8, filled up with zeros. Every sum has a fixed order, and a row depends on no
// other: whichever thread computes it, the bytes are the same.

import { addScaled, addTile, dot, sumOf } from './vectors';

const FOUR: usize = 16;

/** The width of rows in bytes. */
let rowBytes: usize;
/** This thread's own: residual, direction, image and inverse diagonal. */
let residualAt: usize;
let directionAt: usize;
let imageAt: usize;
let inverseAt: usize;
let diagonalAt: usize;
/** This thread's own: ROWS_AT_ONCE rows. */
let copyAt: usize;

export const ROWS_AT_ONCE: i32 = 64;

export function bind(width: i32, scratch: usize): void {
  rowBytes = (width as usize) << 2;
  residualAt = scratch;
  directionAt = residualAt + rowBytes;
  imageAt = directionAt + rowBytes;
  inverseAt = imageAt + rowBytes;
  diagonalAt = inverseAt + rowBytes;
  copyAt = diagonalAt + rowBytes;
}

/** Adds Y'Y of the rows from..to to the square at `out`, on and right of its diagonal; what is left of it stays undefined. */
export function addGram(rows: usize, from: i32, to: i32, out: usize): void {
  // So many rows stay in the nearest cache while all places of the square go over them.
  for (let start = from; start < to; start += 32) {
    const first = rows + (start as usize) * rowBytes;
    const end = rows + (min(start + 32, to) as usize) * rowBytes;
    for (let i: usize = 0; i < rowBytes; i += FOUR) {
      for (let j = i & ~31; j < rowBytes; j += 32)
        addTile(first + i, first + j, end + i, out + i * (rowBytes >> 2) + j, rowBytes);
    }
  }
}

/**
 * Multiplies at most ROWS_AT_ONCE rows by a square, in place; their number is a multiple of four.
 * @param panels the square in panels of eight columns, one after the other, each row by row
 */
export function turnRows(rows: usize, count: i32, panels: usize): void {
  memory.copy(copyAt, rows, (count as usize) * rowBytes);
  for (let column: usize = 0; column < rowBytes; column += 32) {
    for (let row = 0; row < count; row += 4) {
      const offset = (row as usize) * rowBytes;
      multiplyTile(copyAt + offset, panels, rows + offset + column);
    }
    panels += rowBytes << 3;
  }
}

/** Four rows times a panel of eight columns. */
function multiplyTile(a: usize, panel: usize, out: usize): void {
  const b = a + rowBytes;
  const c = b + rowBytes;
  const d = c + rowBytes;
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let t0 = f32x4.splat(0);
  let t1 = f32x4.splat(0);
  let u0 = f32x4.splat(0);
  let u1 = f32x4.splat(0);
  let w0 = f32x4.splat(0);
  let w1 = f32x4.splat(0);
  for (let k: usize = 0; k < rowBytes; k += 4) {
    const left = v128.load(panel);
    const right = v128.load(panel, 16);
    const x = v128.load32_splat(a + k);
    s0 = f32x4.add(s0, f32x4.mul(x, left));
    s1 = f32x4.add(s1, f32x4.mul(x, right));
    const y = v128.load32_splat(b + k);
    t0 = f32x4.add(t0, f32x4.mul(y, left));
    t1 = f32x4.add(t1, f32x4.mul(y, right));
    const z = v128.load32_splat(c + k);
    u0 = f32x4.add(u0, f32x4.mul(z, left));
    u1 = f32x4.add(u1, f32x4.mul(z, right));
    const w = v128.load32_splat(d + k);
    w0 = f32x4.add(w0, f32x4.mul(w, left));
    w1 = f32x4.add(w1, f32x4.mul(w, right));
    panel += 32;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  out += rowBytes;
  v128.store(out, t0);
  v128.store(out, t1, 16);
  out += rowBytes;
  v128.store(out, u0);
  v128.store(out, u1, 16);
  out += rowBytes;
  v128.store(out, w0);
  v128.store(out, w1, 16);
}

/**
 * Solves the rows from..to, from zero, by at most so many steps of preconditioned conjugate gradients. A row without pairs
 * becomes zero.
 * @param indptr of the pairs, with `indices` and `values`
 * @param spectrum the diagonal of a0 Y'Y
 * @param ridge of an observed pair; `base` is the number of pairs to which the others amount
 * @param enough the share of the squared residual, as the preconditioner measures it, at which a row is done; 0 for all steps
 */
export function solveRows(
  solved: usize,
  from: i32,
  to: i32,
  factors: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  spectrum: usize,
  ridge: f32,
  base: f32,
  steps: i32,
  enough: f32,
): void {
  for (let row = from; row < to; row++) {
    const start = load<i32>(indptr + ((row as usize) << 2));
    const end = load<i32>(indptr + ((row as usize) << 2), 4);
    const x = solved + (row as usize) * rowBytes;
    memory.fill(x, 0, rowBytes);
    if (start === end) continue;
    const firstIndex = indices + ((start as usize) << 2);
    const lastIndex = indices + ((end as usize) << 2);
    const firstValue = values + ((start as usize) << 2);
    setDiagonal(spectrum, ridge * (((end - start) as f32) + base));
    solve(x, factors, firstIndex, lastIndex, firstValue, steps, enough);
  }
}

function setDiagonal(spectrum: usize, ridge: f32): void {
  // Rounding may leave eigenvalues of zero just below it.
  const floor = f32x4.splat(ridge);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const value = f32x4.add(f32x4.max(v128.load(spectrum + k), zero), floor);
    v128.store(diagonalAt + k, value);
    v128.store(inverseAt + k, v128.bitselect(f32x4.div(one, value), one, f32x4.gt(value, zero)));
  }
}

function solve(
  x: usize,
  factors: usize,
  index: usize,
  last: usize,
  value: usize,
  steps: i32,
  enough: f32,
): void {
  rightSide(factors, index, last, value);
  let before = square();
  const done = before * enough;
  // The first direction is the preconditioned residual alone.
  nextDirection(0, true);
  for (let step = 1; step <= steps && before > done; step++) {
    const isLast = step === steps;
    // Nobody asks for the residual that the last step leaves.
    const along = isLast
      ? lengthOfDirection(factors, index, last, value)
      : imageOfDirection(factors, index, last, value);
    if (!(along > 0)) return;
    const alpha = before / along;
    addScaled(x, directionAt, alpha, rowBytes);
    if (isLast) return;
    addScaled(residualAt, imageAt, -alpha, rowBytes);
    const after = square();
    nextDirection(after / before, false);
    before = after;
  }
}

/** Writes the sum of v y over all pairs into the residual. */
function rightSide(factors: usize, index: usize, last: usize, value: usize): void {
  memory.fill(residualAt, 0, rowBytes);
  for (; index + 12 < last; index += 16, value += 16) addFour(residualAt, factors, index, v128.load(value));
  for (; index < last; index += 4, value += 4) {
    addScaled(residualAt, rowOf(factors, index), load<f32>(value), rowBytes);
  }
}

/** Writes the matrix times the direction, and returns its product with the direction. */
function imageOfDirection(factors: usize, index: usize, last: usize, value: usize): f32 {
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    v128.store(imageAt + k, f32x4.mul(v128.load(diagonalAt + k), v128.load(directionAt + k)));
  }
  for (; index + 12 < last; index += 16, value += 16) {
    addFour(imageAt, factors, index, f32x4.mul(v128.load(value), dotFour(factors, index)));
  }
  for (; index < last; index += 4, value += 4) {
    const a = rowOf(factors, index);
    addScaled(imageAt, a, load<f32>(value) * dot(a, directionAt, rowBytes), rowBytes);
  }
  return dot(directionAt, imageAt, rowBytes);
}

/** The direction's product with the matrix and itself, without the image. */
function lengthOfDirection(factors: usize, index: usize, last: usize, value: usize): f32 {
  let sums = f32x4.splat(0);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const p = v128.load(directionAt + k);
    sums = f32x4.add(sums, f32x4.mul(v128.load(diagonalAt + k), f32x4.mul(p, p)));
  }
  for (; index + 12 < last; index += 16, value += 16) {
    const dots = dotFour(factors, index);
    sums = f32x4.add(sums, f32x4.mul(v128.load(value), f32x4.mul(dots, dots)));
  }
  let sum = sumOf(sums);
  for (; index < last; index += 4, value += 4) {
    const product = dot(rowOf(factors, index), directionAt, rowBytes);
    sum += load<f32>(value) * (product * product);
  }
  return sum;
}

function rowOf(factors: usize, index: usize): usize {
  return factors + (load<u32>(index) as usize) * rowBytes;
}

/** The products of the direction with the rows of four pairs. */
function dotFour(factors: usize, index: usize): v128 {
  const a = rowOf(factors, index);
  const b = rowOf(factors, index + 4);
  const c = rowOf(factors, index + 8);
  const d = rowOf(factors, index + 12);
  let s = f32x4.splat(0);
  let t = f32x4.splat(0);
  let u = f32x4.splat(0);
  let w = f32x4.splat(0);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const x = v128.load(directionAt + k);
    s = f32x4.add(s, f32x4.mul(x, v128.load(a + k)));
    t = f32x4.add(t, f32x4.mul(x, v128.load(b + k)));
    u = f32x4.add(u, f32x4.mul(x, v128.load(c + k)));
    w = f32x4.add(w, f32x4.mul(x, v128.load(d + k)));
  }
  const st = f32x4.add(v128.shuffle<i32>(s, t, 0, 4, 1, 5), v128.shuffle<i32>(s, t, 2, 6, 3, 7));
  const uw = f32x4.add(v128.shuffle<i32>(u, w, 0, 4, 1, 5), v128.shuffle<i32>(u, w, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i64>(st, uw, 0, 2), v128.shuffle<i64>(st, uw, 1, 3));
}

/** Adds the rows of four pairs, each times its weight. */
function addFour(to: usize, factors: usize, index: usize, weights: v128): void {
  const a = rowOf(factors, index);
  const b = rowOf(factors, index + 4);
  const c = rowOf(factors, index + 8);
  const d = rowOf(factors, index + 12);
  const s = v128.shuffle<i32>(weights, weights, 0, 0, 0, 0);
  const t = v128.shuffle<i32>(weights, weights, 1, 1, 1, 1);
  const u = v128.shuffle<i32>(weights, weights, 2, 2, 2, 2);
  const w = v128.shuffle<i32>(weights, weights, 3, 3, 3, 3);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const left = f32x4.add(f32x4.mul(s, v128.load(a + k)), f32x4.mul(t, v128.load(b + k)));
    const right = f32x4.add(f32x4.mul(u, v128.load(c + k)), f32x4.mul(w, v128.load(d + k)));
    v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.add(left, right)));
  }
}

/** The squared residual, as the preconditioner measures it. */
function square(): f32 {
  let sum = f32x4.splat(0);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const r = v128.load(residualAt + k);
    sum = f32x4.add(sum, f32x4.mul(f32x4.mul(r, r), v128.load(inverseAt + k)));
  }
  return sumOf(sum);
}

function nextDirection(beta: f32, isFirst: bool): void {
  const betas = f32x4.splat(beta);
  for (let k: usize = 0; k < rowBytes; k += FOUR) {
    const next = f32x4.mul(v128.load(inverseAt + k), v128.load(residualAt + k));
    if (isFirst) v128.store(directionAt + k, next);
    else v128.store(directionAt + k, f32x4.add(next, f32x4.mul(betas, v128.load(directionAt + k))));
  }
}
