// The vector of one user as a ridge regression on the items of a history, in AssemblyScript: compiled by
// scripts/setup/kernel.mjs, driven by src/scoring/ridge.ts, held by a test to what Cholesky in float64 answers.
//
// With the rows q_i of int8, D a diagonal, r_i the root of a weight and c_i = r_i times the row's step, the solution u of
//
//   (D + sum_i c_i^2 q_i q_i') u = sum_i r_i c_i q_i
//
// is found by conjugate gradients on the shorter side: on these equations (`solveLong`), or for fewer rows than columns on
//
//   (I + C Q D^-1 Q' C) z = r,   u = D^-1 Q' C z   (`solveShort`).
//
// They are preconditioned by a Cholesky factor in float32 of the same matrix with one side of each product rounded to int16: products of
// int8 and int16 add up without error in int32, twice as fast as floats. So two or three steps end at the accuracy of float32.
//
// Every sum has a fixed order: the bytes are the same on every machine.

import { addScaled, dot, sumOf } from './vectors';

const FOUR: usize = 16;
/** Products of 127 and 32767 that int32 holds: 516. */
const AT_ONCE: i32 = 512;
const MOST_STEPS: i32 = 16;
/** Squared error, relative to the solution, in the norm of the equations. */
const ENOUGH: f32 = 1e-13;

/** Columns, filled up with zeros to a multiple of 8. */
let width: i32;
/** The host's: int8 [rows, width], float32 [rows] c and r, float32 [width] D; the solution, float32 [width]. */
let bytesAt: usize;
let stepsAt: usize;
let rootsAt: usize;
let diagonalAt: usize;
let solutionAt: usize;
/** Scratch: int16 [rows, width] twice, float32 [m, m] and float32 [m] each. */
let rowsAt: usize;
let roundedAt: usize;
let matrixAt: usize;
let xAt: usize;
let residualAt: usize;
let conditionedAt: usize;
let directionAt: usize;
let imageAt: usize;
let betweenAt: usize;

/** Both are multiples of 8: the columns, and the rows that there is room for. */
export function bind(columns: i32, most: i32, at: usize): void {
  width = columns;
  const size = (max(columns, most) as usize) << 2;
  const short = (min(columns, most) as usize) << 2;
  const square = (columns as usize) << 2;
  bytesAt = at;
  stepsAt = bytesAt + (most as usize) * (columns as usize);
  rootsAt = stepsAt + ((most as usize) << 2);
  diagonalAt = rootsAt + ((most as usize) << 2);
  solutionAt = diagonalAt + square;
  rowsAt = solutionAt + square;
  roundedAt = rowsAt + (((most as usize) * (columns as usize)) << 1);
  matrixAt = roundedAt + (((most as usize) * (columns as usize)) << 1);
  xAt = matrixAt + max(square * (columns as usize), short * (short >> 2));
  residualAt = xAt + size;
  conditionedAt = residualAt + size;
  directionAt = conditionedAt + size;
  imageAt = directionAt + size;
  betweenAt = imageAt + size;
}

/** Writes the solution for the first `count` rows; false where the equations are too ill-conditioned for it. */
export function solve(count: i32): bool {
  const rows = (count + 7) & ~7;
  clearRows(count, rows);
  return count > width ? solveLong(rows) : solveShort(rows);
}

/** The rows up to a multiple of 8 count nothing. */
function clearRows(from: i32, to: i32): void {
  const left = (to - from) as usize;
  memory.fill(bytesAt + (from as usize) * (width as usize), 0, left * (width as usize));
  memory.fill(stepsAt + ((from as usize) << 2), 0, left << 2);
  memory.fill(rootsAt + ((from as usize) << 2), 0, left << 2);
}

// More rows than columns.

function solveLong(rows: i32): bool {
  const size = width;
  if (!gramInto(rows)) return false;
  if (!factorize(size, diagonalAt)) return false;
  memory.fill(residualAt, 0, (size as usize) << 2);
  for (let i = 0; i < rows; i += 4) {
    const at = (i as usize) << 2;
    addFourRows(residualAt, i, f32x4.mul(v128.load(rootsAt + at), v128.load(stepsAt + at)));
  }
  const isSolved = iterate(size, rows, true);
  memory.copy(solutionAt, xAt, (size as usize) << 2);
  return isSolved;
}

/** Writes D + sum_i c_i^2 q_i q_i' on and right of the diagonal; false where there is no unit for it. */
function gramInto(rows: i32): bool {
  const bytes = (width as usize) << 2;
  memory.fill(matrixAt, 0, bytes * (width as usize));
  let greatest: f32 = 0;
  for (let i = 0; i < rows; i++) greatest = max(greatest, load<f32>(stepsAt + ((i as usize) << 2)));
  const unit = (greatest * greatest * 127) / 32767;
  if (!(unit > 0)) return false;
  pairUp(rows, unit);
  for (let from = 0; from < rows; from += AT_ONCE) {
    const first = (from as usize) * (width as usize) * 2;
    const end = (min(from + AT_ONCE, rows) as usize) * (width as usize) * 2;
    for (let i: usize = 0; i < bytes; i += FOUR) {
      for (let j = i & ~31; j < bytes; j += 32) {
        addTile(
          roundedAt + first + i,
          rowsAt + first + j,
          roundedAt + end,
          matrixAt + i * (bytes >> 2) + j,
          unit,
        );
      }
    }
  }
  for (let k: usize = 0; k < bytes; k += 4) {
    const at = matrixAt + k * ((bytes >> 2) + 1);
    store<f32>(at, load<f32>(at) + load<f32>(diagonalAt + k));
  }
  return true;
}

/**
 * Interleaves the rows two by two, number by number, and beside them the same rows times c_i^2 in int16. A pair of rows takes the place of
 * two, so the rows themselves are read from the bytes afterwards.
 */
function pairUp(rows: i32, unit: f32): void {
  for (let i = 0; i < rows; i += 2) {
    const at = (i as usize) << 2;
    const c = load<f32>(stepsAt + at);
    const d = load<f32>(stepsAt + at, 4);
    const left = f32x4.splat((c * c) / unit);
    const right = f32x4.splat((d * d) / unit);
    const first = (i as usize) * (width as usize);
    const second = first + (width as usize);
    for (let k: usize = 0; k < (width as usize); k += 8) {
      const a = v128.load_ext<i8>(bytesAt + first + k);
      const b = v128.load_ext<i8>(bytesAt + second + k);
      const to = (first << 1) + (k << 2);
      interleave(rowsAt + to, a, b);
      interleave(roundedAt + to, timesRounded(a, left), timesRounded(b, right));
    }
  }
}

function interleave(to: usize, a: v128, b: v128): void {
  v128.store(to, v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(to, v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
}

function timesRounded(row: v128, factor: v128): v128 {
  return roundedPair(f32x4.mul(lowOf(row), factor), f32x4.mul(highOf(row), factor));
}

function roundedPair(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(low)),
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(high)),
  );
}

/** Adds the sum over pairs of rows of four numbers at `a` times eight at `b` to four rows of the square. */
function addTile(a: usize, b: usize, end: usize, out: usize, unit: f32): void {
  let s0 = i32x4.splat(0);
  let s1 = i32x4.splat(0);
  let t0 = i32x4.splat(0);
  let t1 = i32x4.splat(0);
  let u0 = i32x4.splat(0);
  let u1 = i32x4.splat(0);
  let w0 = i32x4.splat(0);
  let w1 = i32x4.splat(0);
  const step = (width as usize) << 2;
  while (a < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const x = v128.load32_splat(a);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(x, left));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(x, right));
    const y = v128.load32_splat(a, 4);
    t0 = i32x4.add(t0, i32x4.dot_i16x8_s(y, left));
    t1 = i32x4.add(t1, i32x4.dot_i16x8_s(y, right));
    const z = v128.load32_splat(a, 8);
    u0 = i32x4.add(u0, i32x4.dot_i16x8_s(z, left));
    u1 = i32x4.add(u1, i32x4.dot_i16x8_s(z, right));
    const w = v128.load32_splat(a, 12);
    w0 = i32x4.add(w0, i32x4.dot_i16x8_s(w, left));
    w1 = i32x4.add(w1, i32x4.dot_i16x8_s(w, right));
    a += step;
    b += step;
  }
  addTo(out, s0, s1, unit);
  addTo(out + step, t0, t1, unit);
  addTo(out + 2 * step, u0, u1, unit);
  addTo(out + 3 * step, w0, w1, unit);
}

function addTo(out: usize, left: v128, right: v128, unit: f32): void {
  const units = f32x4.splat(unit);
  v128.store(out, f32x4.add(v128.load(out), f32x4.mul(units, f32x4.convert_i32x4_s(left))));
  v128.store(out, f32x4.add(v128.load(out, 16), f32x4.mul(units, f32x4.convert_i32x4_s(right))), 16);
}

// Fewer rows than columns.

function solveShort(rows: i32): bool {
  widen(rows);
  if (!productsInto(rows)) return false;
  if (!factorize(rows, 0)) return false;
  memory.copy(residualAt, rootsAt, (rows as usize) << 2);
  const isSolved = iterate(rows, rows, false);
  intoColumns(rows, xAt, solutionAt);
  return isSolved;
}

function widen(rows: i32): void {
  const end = (rows as usize) * (width as usize);
  for (let k: usize = 0; k < end; k += 8) {
    v128.store(rowsAt + (k << 1), v128.load_ext<i8>(bytesAt + k));
  }
}

/** Writes I + C Q D^-1 Q' C on and right of the diagonal; false where there is no unit for it. */
function productsInto(rows: i32): bool {
  const bytes = (rows as usize) << 2;
  let greatest: f32 = 0;
  for (let k: usize = 0; k < (width as usize) << 2; k += 4) {
    greatest = max(greatest, 1 / load<f32>(diagonalAt + k));
  }
  const unit = (greatest * 127) / 32767;
  if (!(unit > 0)) return false;
  divideByDiagonal(rows, unit);
  const units = f32x4.splat(unit);
  for (let i = 0; i < rows; i++) {
    const at = (i as usize) << 2;
    const own = f32x4.mul(units, f32x4.splat(load<f32>(stepsAt + at)));
    const left = roundedAt + (((i as usize) * (width as usize)) << 1);
    for (let j = i & ~3; j < rows; j += 4) {
      const others = (j as usize) << 2;
      const sums = f32x4.convert_i32x4_s(dotFour(rowsAt + (((j as usize) * (width as usize)) << 1), left));
      v128.store(
        matrixAt + (i as usize) * bytes + others,
        f32x4.mul(sums, f32x4.mul(own, v128.load(stepsAt + others))),
      );
    }
    const diagonal = matrixAt + (i as usize) * bytes + at;
    store<f32>(diagonal, load<f32>(diagonal) + 1);
  }
  return true;
}

/** Rounds the rows, each number divided by its column's place on the diagonal, to int16. */
function divideByDiagonal(rows: i32, unit: f32): void {
  const units = f32x4.splat(unit);
  for (let k: usize = 0; k < (width as usize); k += 8) {
    const low = f32x4.div(f32x4.splat(1), f32x4.mul(units, v128.load(diagonalAt + (k << 2))));
    const high = f32x4.div(f32x4.splat(1), f32x4.mul(units, v128.load(diagonalAt + (k << 2), 16)));
    for (let i = 0; i < rows; i++) {
      const at = ((i as usize) * (width as usize) + k) << 1;
      const row = v128.load(rowsAt + at);
      v128.store(roundedAt + at, roundedPair(f32x4.mul(lowOf(row), low), f32x4.mul(highOf(row), high)));
    }
  }
}

/** Exact products of four rows with one. */
function dotFour(first: usize, vector: usize): v128 {
  const bytes = (width as usize) << 1;
  const second = first + bytes;
  const third = second + bytes;
  const fourth = third + bytes;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let k: usize = 0; k < bytes; k += FOUR) {
    const x = v128.load(vector + k);
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load(first + k), x));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load(second + k), x));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load(third + k), x));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load(fourth + k), x));
  }
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

// Both.

/**
 * Cholesky in place, A = U'U with U on and right of the diagonal; false where rounding makes a pivot much smaller than it can be, and
 * the factor worthless.
 * @param least place of the smallest pivots, float32 [size]; 0: all of them are 1
 */
function factorize(size: i32, least: usize): bool {
  const bytes = (size as usize) << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const row = matrixAt + k * (bytes >> 2);
    const floor: f32 = least ? load<f32>(least + k) : 1;
    const pivot = load<f32>(row + k);
    if (!(pivot > floor / 2)) return false;
    const inverse: f32 = 1 / sqrt(max(pivot, floor));
    const inverses = f32x4.splat(inverse);
    const aligned = k & ~15;
    for (let j = aligned; j < bytes; j += FOUR) v128.store(row + j, f32x4.mul(v128.load(row + j), inverses));
    // The inverse stands where it is asked for.
    store<f32>(row + k, inverse);
    for (let i = k + 4; i < bytes; i += 4) {
      const factor = f32x4.splat(load<f32>(row + i));
      const to = matrixAt + i * (bytes >> 2);
      for (let j = i & ~15; j < bytes; j += FOUR) {
        v128.store(to + j, f32x4.sub(v128.load(to + j), f32x4.mul(factor, v128.load(row + j))));
      }
    }
  }
  return true;
}

/** Writes (U'U)^-1 of the residual. */
function condition(size: i32): void {
  const bytes = (size as usize) << 2;
  memory.copy(conditionedAt, residualAt, bytes);
  for (let k: usize = 0; k < bytes; k += 4) {
    const row = matrixAt + k * (bytes >> 2);
    const value = load<f32>(conditionedAt + k) * load<f32>(row + k);
    store<f32>(conditionedAt + k, value);
    let j = k + 4;
    for (; j < bytes && (j & 15) !== 0; j += 4) {
      store<f32>(conditionedAt + j, load<f32>(conditionedAt + j) - value * load<f32>(row + j));
    }
    const values = f32x4.splat(value);
    for (; j < bytes; j += FOUR) {
      v128.store(
        conditionedAt + j,
        f32x4.sub(v128.load(conditionedAt + j), f32x4.mul(values, v128.load(row + j))),
      );
    }
  }
  for (let k = bytes - 4; ; k -= 4) {
    const row = matrixAt + k * (bytes >> 2);
    let sum: f32 = 0;
    let j = k + 4;
    for (; j < bytes && (j & 15) !== 0; j += 4) sum += load<f32>(conditionedAt + j) * load<f32>(row + j);
    let sums = f32x4.splat(0);
    for (; j < bytes; j += FOUR) {
      sums = f32x4.add(sums, f32x4.mul(v128.load(conditionedAt + j), v128.load(row + j)));
    }
    store<f32>(conditionedAt + k, (load<f32>(conditionedAt + k) - (sum + sumOf(sums))) * load<f32>(row + k));
    if (k === 0) break;
  }
}

/** Conjugate gradients from zero, for the right side that stands in the residual; answers whether they came to an end. */
function iterate(size: i32, rows: i32, isLong: bool): bool {
  const bytes = (size as usize) << 2;
  memory.fill(xAt, 0, bytes);
  condition(size);
  memory.copy(directionAt, conditionedAt, bytes);
  let left = dot(residualAt, conditionedAt, bytes);
  const enough = ENOUGH * left;
  for (let step = 0; step < MOST_STEPS && left > enough; step++) {
    if (isLong) applyLong(rows);
    else applyShort(rows);
    const rate = left / dot(directionAt, imageAt, bytes);
    addScaled(xAt, directionAt, rate, bytes);
    addScaled(residualAt, imageAt, -rate, bytes);
    condition(size);
    const next = dot(residualAt, conditionedAt, bytes);
    const beta = f32x4.splat(next / left);
    left = next;
    for (let k: usize = 0; k < bytes; k += FOUR) {
      v128.store(
        directionAt + k,
        f32x4.add(v128.load(conditionedAt + k), f32x4.mul(beta, v128.load(directionAt + k))),
      );
    }
  }
  // False for what is no number, too.
  return left <= enough;
}

/** The image of the direction: D p + sum_i c_i^2 (q_i . p) q_i */
function applyLong(rows: i32): void {
  const bytes = (width as usize) << 2;
  for (let k: usize = 0; k < bytes; k += FOUR) {
    v128.store(imageAt + k, f32x4.mul(v128.load(diagonalAt + k), v128.load(directionAt + k)));
  }
  for (let i = 0; i < rows; i += 4) {
    const steps = v128.load(stepsAt + ((i as usize) << 2));
    addFourRows(imageAt, i, f32x4.mul(f32x4.mul(steps, steps), fourProducts(i, directionAt)));
  }
}

/** The image of the direction: z_i + c_i (q_i . D^-1 sum_j c_j z_j q_j) */
function applyShort(rows: i32): void {
  intoColumns(rows, directionAt, betweenAt);
  for (let i = 0; i < rows; i += 4) {
    const at = (i as usize) << 2;
    const products = f32x4.mul(v128.load(stepsAt + at), fourProducts(i, betweenAt));
    v128.store(imageAt + at, f32x4.add(v128.load(directionAt + at), products));
  }
}

/** Writes D^-1 sum_i c_i z_i q_i. */
function intoColumns(rows: i32, z: usize, out: usize): void {
  const bytes = (width as usize) << 2;
  memory.fill(out, 0, bytes);
  for (let i = 0; i < rows; i += 4) {
    const at = (i as usize) << 2;
    addFourRows(out, i, f32x4.mul(v128.load(stepsAt + at), v128.load(z + at)));
  }
  for (let k: usize = 0; k < bytes; k += FOUR) {
    v128.store(out + k, f32x4.div(v128.load(out + k), v128.load(diagonalAt + k)));
  }
}

/** The products of a vector with four rows from the i-th on. */
function fourProducts(i: i32, vector: usize): v128 {
  const columns = width as usize;
  const a = bytesAt + (i as usize) * columns;
  const b = a + columns;
  const c = b + columns;
  const d = c + columns;
  let s = f32x4.splat(0);
  let t = f32x4.splat(0);
  let u = f32x4.splat(0);
  let w = f32x4.splat(0);
  for (let k: usize = 0; k < columns; k += 8) {
    const low = v128.load(vector + (k << 2));
    const high = v128.load(vector + (k << 2), 16);
    s = f32x4.add(s, productsOf(a + k, low, high));
    t = f32x4.add(t, productsOf(b + k, low, high));
    u = f32x4.add(u, productsOf(c + k, low, high));
    w = f32x4.add(w, productsOf(d + k, low, high));
  }
  const st = f32x4.add(v128.shuffle<i32>(s, t, 0, 4, 1, 5), v128.shuffle<i32>(s, t, 2, 6, 3, 7));
  const uw = f32x4.add(v128.shuffle<i32>(u, w, 0, 4, 1, 5), v128.shuffle<i32>(u, w, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<i64>(st, uw, 0, 2), v128.shuffle<i64>(st, uw, 1, 3));
}

function productsOf(row: usize, low: v128, high: v128): v128 {
  const values = v128.load_ext<i8>(row);
  return f32x4.add(f32x4.mul(lowOf(values), low), f32x4.mul(highOf(values), high));
}

/** Adds four rows from the i-th on, each times its factor. */
function addFourRows(to: usize, i: i32, factors: v128): void {
  const columns = width as usize;
  const a = bytesAt + (i as usize) * columns;
  const b = a + columns;
  const c = b + columns;
  const d = c + columns;
  const s = v128.shuffle<i32>(factors, factors, 0, 0, 0, 0);
  const t = v128.shuffle<i32>(factors, factors, 1, 1, 1, 1);
  const u = v128.shuffle<i32>(factors, factors, 2, 2, 2, 2);
  const w = v128.shuffle<i32>(factors, factors, 3, 3, 3, 3);
  for (let k: usize = 0; k < columns; k += 8) {
    const x = v128.load_ext<i8>(a + k);
    const y = v128.load_ext<i8>(b + k);
    const z = v128.load_ext<i8>(c + k);
    const v = v128.load_ext<i8>(d + k);
    const at = to + (k << 2);
    const low = f32x4.add(
      f32x4.add(f32x4.mul(s, lowOf(x)), f32x4.mul(t, lowOf(y))),
      f32x4.add(f32x4.mul(u, lowOf(z)), f32x4.mul(w, lowOf(v))),
    );
    const high = f32x4.add(
      f32x4.add(f32x4.mul(s, highOf(x)), f32x4.mul(t, highOf(y))),
      f32x4.add(f32x4.mul(u, highOf(z)), f32x4.mul(w, highOf(v))),
    );
    v128.store(at, f32x4.add(v128.load(at), low));
    v128.store(at, f32x4.add(v128.load(at, 16), high), 16);
  }
}

/** Four of eight numbers of int16 as floats. */
function lowOf(values: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values));
}

function highOf(values: v128): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values));
}
