// Small positive definite systems, one for each row of pairs, in AssemblyScript: compiled by scripts/setup/kernel.mjs, driven by
// src/tensor/ridge/systems.ts, held by a test to what Cholesky in float64 answers.
//
// The matrix of a row with the pairs (j, v_j), for factors y_j of the columns and a diagonal D, is factorized:
//
//   D + sum_j v_j y_j y_j' = U'U
//
// Where a row has fewer pairs than dimensions, in its place the matrix I + SS' of its pairs, S = V^1/2 Y D^-1/2.
// Rows are `width` floats apart, a multiple of 8, filled up with zeros. Every sum has a fixed order.

import { addTile, dot, sumOf } from './vectors';

const FOUR: usize = 16;
/** Pairs whose rows are gathered at once: they stay in the nearest cache. */
export const PAIRS_AT_ONCE: i32 = 64;

let size: i32;
/** The width of rows in bytes. */
let rowBytes: usize;
/** Place of as many rows as the factors have columns, and of PAIRS_AT_ONCE at least. */
let gatheredAt: usize;
/** Places of two rows. */
let scaledAt: usize;
let dualAt: usize;
/** Bytes of a row of the matrix at work, and its number of rows. */
let stride: usize;
let order: i32;

export function bind(d: i32, width: i32, scaled: usize, dual: usize, gathered: usize): void {
  size = d;
  rowBytes = (width as usize) << 2;
  scaledAt = scaled;
  dualAt = dual;
  gatheredAt = gathered;
}

let factorsAt: usize;
let indptrAt: usize;
let indicesAt: usize;
let valuesAt: usize;
let diagonalsAt: usize;
let squaresAt: usize;

export function bindSystems(
  factors: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  diagonals: usize,
  squares: usize,
): void {
  factorsAt = factors;
  indptrAt = indptr;
  indicesAt = indices;
  valuesAt = values;
  diagonalsAt = diagonals;
  squaresAt = squares;
}

/** The row at work: its pairs, its diagonal and its square. */
let first: usize;
let value: usize;
let count: i32;
let diagonal: usize;
let square: usize;

/** A row with fewer pairs than dimensions is solved on the side of its pairs, whose matrix is smaller. */
function isDual(): bool {
  return count < size;
}

function turnTo(row: i32): void {
  const start = load<i32>(indptrAt + ((row as usize) << 2));
  count = load<i32>(indptrAt + ((row as usize) << 2), 4) - start;
  first = indicesAt + ((start as usize) << 2);
  value = valuesAt + ((start as usize) << 2);
  diagonal = diagonalsAt + (row as usize) * rowBytes;
  square = squaresAt + (row as usize) * (size as usize) * rowBytes;
  order = isDual() ? count : size;
  stride = isDual() ? (((count as usize) + 7) >> 3) << 5 : rowBytes;
}

function factorOf(pair: i32): usize {
  return factorsAt + (load<u32>(first + ((pair as usize) << 2)) as usize) * rowBytes;
}

function rootOf(pair: i32): f32 {
  return sqrt<f32>(load<f32>(value + ((pair as usize) << 2)));
}

/**
 * Factorizes the matrices of all rows, and writes their solutions for the right sides sum_j v_j y_j.
 * @returns the first row whose matrix is not positive definite, or -1
 */
export function factorize(rows: i32, solutions: usize): i32 {
  for (let row = 0; row < rows; row++) {
    turnTo(row);
    const solution = solutions + (row as usize) * rowBytes;
    memory.fill(square, 0, (order as usize) * stride);
    if (!(isDual() ? dual(solution) : primal(solution))) return row;
  }
  return -1;
}

/** D + Y'VY = U'U. */
function primal(solution: usize): bool {
  memory.fill(solution, 0, rowBytes);
  for (let from = 0; from < count; from += PAIRS_AT_ONCE) {
    const to = min(from + PAIRS_AT_ONCE, count);
    let place = gatheredAt;
    for (let pair = from; pair < to; pair++) {
      const y = factorOf(pair);
      const roots = f32x4.splat(rootOf(pair));
      for (let k: usize = 0; k < rowBytes; k += FOUR) {
        const weighed = f32x4.mul(roots, v128.load(y + k));
        v128.store(place + k, weighed);
        v128.store(solution + k, f32x4.add(v128.load(solution + k), f32x4.mul(roots, weighed)));
      }
      place += rowBytes;
    }
    addSquares(to - from);
  }
  for (let k: usize = 0; k < (size as usize); k++) {
    const place = square + k * (rowBytes + 4);
    store<f32>(place, load<f32>(place) + load<f32>(diagonal + (k << 2)));
  }
  if (!upper()) return false;
  solveUpper(solution);
  return true;
}

/** I + SS' = U'U for S = V^1/2 Y D^-1/2, whose transpose is gathered; the solution is D^-1/2 S' (I + SS')^-1 v^1/2. */
function dual(solution: usize): bool {
  for (let k: usize = 0; k < (size as usize); k++) {
    const own = load<f32>(diagonal + (k << 2));
    if (!(own > 0)) return false;
    store<f32>(scaledAt + (k << 2), 1 / sqrt<f32>(own));
  }
  memory.fill(gatheredAt, 0, (size as usize) * stride);
  for (let pair = 0; pair < count; pair++) {
    const y = factorOf(pair);
    const root = rootOf(pair);
    let place = gatheredAt + ((pair as usize) << 2);
    for (let k: usize = 0; k < (size as usize); k++) {
      store<f32>(place, root * load<f32>(scaledAt + (k << 2)) * load<f32>(y + (k << 2)));
      place += stride;
    }
  }
  addSquares(size);
  memory.fill(dualAt, 0, stride);
  for (let pair: usize = 0; pair < (count as usize); pair++) {
    const place = square + pair * (stride + 4);
    store<f32>(place, load<f32>(place) + 1);
    store<f32>(dualAt + (pair << 2), rootOf(pair as i32));
  }
  if (!upper()) return false;
  solveUpper(dualAt);
  memory.fill(solution, 0, rowBytes);
  addPairs(solution, 1);
  divideByDiagonal(solution, solution);
  return true;
}

/** Adds the pairs' factors times the roots of their values and their numbers of the dual vector. */
function addPairs(to: usize, sign: f32): void {
  for (let pair = 0; pair < count; pair++) {
    const y = factorOf(pair);
    const weights = f32x4.splat(sign * rootOf(pair) * load<f32>(dualAt + ((pair as usize) << 2)));
    for (let k: usize = 0; k < rowBytes; k += FOUR) {
      v128.store(to + k, f32x4.add(v128.load(to + k), f32x4.mul(weights, v128.load(y + k))));
    }
  }
}

function divideByDiagonal(from: usize, to: usize): void {
  for (let k: usize = 0; k < (size as usize) << 2; k += 4) {
    store<f32>(to + k, load<f32>(from + k) / load<f32>(diagonal + k));
  }
}

/** Solves for other right sides, in place: D^-1 (b - Y' V^1/2 (I + SS')^-1 V^1/2 Y D^-1 b) on the side of the pairs. */
export function solve(rows: i32, vectors: usize): void {
  for (let row = 0; row < rows; row++) {
    turnTo(row);
    const x = vectors + (row as usize) * rowBytes;
    if (!isDual()) {
      solveUpper(x);
      continue;
    }
    memory.fill(scaledAt, 0, rowBytes);
    divideByDiagonal(x, scaledAt);
    memory.fill(dualAt, 0, stride);
    for (let pair = 0; pair < count; pair++) {
      store<f32>(dualAt + ((pair as usize) << 2), rootOf(pair) * dot(scaledAt, factorOf(pair), rowBytes));
    }
    solveUpper(dualAt);
    addPairs(x, -1);
    divideByDiagonal(x, x);
  }
}

/** Adds the gathered rows' products on and right of the diagonal; a little left of it is written too. */
function addSquares(rows: i32): void {
  const end = gatheredAt + (rows as usize) * stride;
  const last = (order as usize) << 2;
  for (let i: usize = 0; i < last; i += FOUR) {
    for (let j = i & ~31; j < stride; j += 32) {
      if (i + FOUR <= last)
        addTile(gatheredAt + i, gatheredAt + j, end, square + i * (stride >> 2) + j, stride);
      else {
        for (let k = i; k < last; k += 4) {
          addStrip(gatheredAt + k, gatheredAt + j, end, square + k * (stride >> 2) + j);
        }
      }
    }
  }
}

/** One column at `a` times eight at `b`, where the number of columns is no multiple of four. */
function addStrip(a: usize, b: usize, end: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  while (a < end) {
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
    a += stride;
    b += stride;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

/** The factor U in place of the matrix: row by row, each taken from all rows below it. What is left of a row's diagonal becomes 0. */
function upper(): bool {
  for (let k = 0; k < order; k++) {
    const row = square + (k as usize) * stride;
    const own = (k as usize) << 2;
    const pivot = load<f32>(row + own);
    if (!(pivot > 0)) return false;
    const inverse: f32 = 1 / sqrt<f32>(pivot);
    const inverses = f32x4.splat(inverse);
    memory.fill(row, 0, own);
    for (let j = own & ~15; j < stride; j += FOUR) {
      v128.store(row + j, f32x4.mul(inverses, v128.load(row + j)));
    }
    store<f32>(row + own, inverse);
    for (let i = k + 1; i < order; i++) {
      const at = (i as usize) << 2;
      const below = square + (i as usize) * stride;
      const factors = f32x4.splat(load<f32>(row + at));
      for (let j = at & ~15; j < stride; j += FOUR) {
        v128.store(below + j, f32x4.sub(v128.load(below + j), f32x4.mul(factors, v128.load(row + j))));
      }
    }
  }
  return true;
}

/** Solves U'U x = b, in place. */
function solveUpper(x: usize): void {
  for (let k = 0; k < order; k++) forward(square + (k as usize) * stride, x, (k as usize) << 2);
  for (let k = order - 1; k >= 0; k--) backward(square + (k as usize) * stride, x, (k as usize) << 2);
}

function forward(row: usize, x: usize, own: usize): void {
  const z = load<f32>(x + own) * load<f32>(row + own);
  const factors = f32x4.splat(z);
  for (let j = own & ~15; j < stride; j += FOUR) {
    v128.store(x + j, f32x4.sub(v128.load(x + j), f32x4.mul(factors, v128.load(row + j))));
  }
  // The loop took the inverse of the diagonal for a number of U.
  store<f32>(x + own, z);
}

function backward(row: usize, x: usize, own: usize): void {
  const z = load<f32>(x + own);
  store<f32>(x + own, 0);
  let sums = f32x4.splat(0);
  for (let j = own & ~15; j < stride; j += FOUR) {
    sums = f32x4.add(sums, f32x4.mul(v128.load(row + j), v128.load(x + j)));
  }
  store<f32>(x + own, (z - sumOf(sums)) * load<f32>(row + own));
}

/** Writes the product of each pair's factor with the vector of its row. */
export function products(rows: i32, vectors: usize, out: usize): void {
  for (let row = 0; row < rows; row++) {
    turnTo(row);
    const x = vectors + (row as usize) * rowBytes;
    for (let pair = 0; pair < count; pair++, out += 4) store<f32>(out, dot(x, factorOf(pair), rowBytes));
  }
}
