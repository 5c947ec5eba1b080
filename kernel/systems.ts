// Small positive definite systems, one for each row of pairs, in AssemblyScript: compiled by scripts/setup/kernel.mjs, driven by
// src/tensor/linalg/systems.ts, held by a test to what Cholesky in float64 answers.
//
// The matrix of a row with the pairs (j, v_j), for factors y_j of the columns and a diagonal D, is factorized:
//
//   D + sum_j v_j y_j y_j' = U'U
//
// Rows are `width` floats apart, a multiple of 8, filled up with zeros. Every sum has a fixed order.

const FOUR: usize = 16;
/** Pairs whose rows are gathered at once: they stay in the nearest cache. */
export const PAIRS_AT_ONCE: i32 = 64;

let size: i32;
/** The width of rows in bytes. */
let rowBytes: usize;
/** Place of PAIRS_AT_ONCE rows. */
let gatheredAt: usize;

export function bind(d: i32, width: i32, gathered: usize): void {
  size = d;
  rowBytes = (width as usize) << 2;
  gatheredAt = gathered;
}

/**
 * Writes U of each row into its square, with the inverses of its diagonal in their place, and sum_j v_j y_j into its row of `sums`.
 * @returns the first row whose matrix is not positive definite, or -1
 */
export function factorize(
  rows: i32,
  factors: usize,
  indptr: usize,
  indices: usize,
  values: usize,
  diagonals: usize,
  squares: usize,
  sums: usize,
): i32 {
  const squareBytes = (size as usize) * rowBytes;
  for (let row = 0; row < rows; row++) {
    const start = load<i32>(indptr + ((row as usize) << 2));
    const end = load<i32>(indptr + ((row as usize) << 2), 4);
    const square = squares + (row as usize) * squareBytes;
    const sum = sums + (row as usize) * rowBytes;
    memory.fill(square, 0, squareBytes);
    memory.fill(sum, 0, rowBytes);
    for (let from = start; from < end; from += PAIRS_AT_ONCE) {
      const count = min(PAIRS_AT_ONCE, end - from);
      gather(factors, indices + ((from as usize) << 2), values + ((from as usize) << 2), count, sum);
      addSquares(square, count);
    }
    addDiagonal(square, diagonals + (row as usize) * rowBytes);
    if (!upper(square)) return row;
  }
  return -1;
}

/** Copies the rows of some pairs, each times the root of its value, and adds them times their values to the sum. */
function gather(factors: usize, index: usize, value: usize, count: i32, sum: usize): void {
  let to = gatheredAt;
  for (let i = 0; i < count; i++) {
    const from = factors + (load<u32>(index) as usize) * rowBytes;
    const root = sqrt<f32>(load<f32>(value));
    const roots = f32x4.splat(root);
    for (let k: usize = 0; k < rowBytes; k += FOUR) {
      const y = f32x4.mul(roots, v128.load(from + k));
      v128.store(to + k, y);
      v128.store(sum + k, f32x4.add(v128.load(sum + k), f32x4.mul(roots, y)));
    }
    index += 4;
    value += 4;
    to += rowBytes;
  }
}

/** Adds the gathered rows' products on and right of the diagonal; a little left of it is written too. */
function addSquares(square: usize, count: i32): void {
  const end = gatheredAt + (count as usize) * rowBytes;
  const last = (size as usize) << 2;
  for (let i: usize = 0; i < last; i += FOUR) {
    for (let j = i & ~31; j < rowBytes; j += 32) {
      const out = square + i * (rowBytes >> 2) + j;
      if (i + FOUR <= last) addTile(gatheredAt + i, gatheredAt + j, end, out);
      else
        for (let k = i; k < last; k += 4)
          addStrip(gatheredAt + k, gatheredAt + j, end, square + k * (rowBytes >> 2) + j);
    }
  }
}

/** Four columns at `a` times eight at `b`. */
function addTile(a: usize, b: usize, end: usize, out: usize): void {
  const second = out + rowBytes;
  const third = second + rowBytes;
  const fourth = third + rowBytes;
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  let t0 = v128.load(second);
  let t1 = v128.load(second, 16);
  let u0 = v128.load(third);
  let u1 = v128.load(third, 16);
  let w0 = v128.load(fourth);
  let w1 = v128.load(fourth, 16);
  while (a < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, left));
    s1 = f32x4.add(s1, f32x4.mul(x, right));
    const y = v128.load32_splat(a, 4);
    t0 = f32x4.add(t0, f32x4.mul(y, left));
    t1 = f32x4.add(t1, f32x4.mul(y, right));
    const z = v128.load32_splat(a, 8);
    u0 = f32x4.add(u0, f32x4.mul(z, left));
    u1 = f32x4.add(u1, f32x4.mul(z, right));
    const w = v128.load32_splat(a, 12);
    w0 = f32x4.add(w0, f32x4.mul(w, left));
    w1 = f32x4.add(w1, f32x4.mul(w, right));
    a += rowBytes;
    b += rowBytes;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
  v128.store(second, t0);
  v128.store(second, t1, 16);
  v128.store(third, u0);
  v128.store(third, u1, 16);
  v128.store(fourth, w0);
  v128.store(fourth, w1, 16);
}

/** One column at `a` times eight at `b`, where the number of columns is no multiple of four. */
function addStrip(a: usize, b: usize, end: usize, out: usize): void {
  let s0 = v128.load(out);
  let s1 = v128.load(out, 16);
  while (a < end) {
    const x = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)));
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)));
    a += rowBytes;
    b += rowBytes;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

function addDiagonal(square: usize, diagonal: usize): void {
  for (let k: usize = 0; k < (size as usize); k++) {
    const place = square + k * (rowBytes + 4);
    store<f32>(place, load<f32>(place) + load<f32>(diagonal + (k << 2)));
  }
}

/** The factor U in place of the matrix: row by row, each taken from all rows below it. What is left of a row's diagonal becomes 0. */
function upper(square: usize): bool {
  for (let k = 0; k < size; k++) {
    const row = square + (k as usize) * rowBytes;
    const own = (k as usize) << 2;
    const pivot = load<f32>(row + own);
    if (!(pivot > 0)) return false;
    const inverse: f32 = 1 / sqrt<f32>(pivot);
    const inverses = f32x4.splat(inverse);
    memory.fill(row, 0, own);
    for (let j = own & ~15; j < rowBytes; j += FOUR)
      v128.store(row + j, f32x4.mul(inverses, v128.load(row + j)));
    store<f32>(row + own, inverse);
    for (let i = k + 1; i < size; i++) {
      const at = (i as usize) << 2;
      const below = square + (i as usize) * rowBytes;
      const factors = f32x4.splat(load<f32>(row + at));
      for (let j = at & ~15; j < rowBytes; j += FOUR) {
        v128.store(below + j, f32x4.sub(v128.load(below + j), f32x4.mul(factors, v128.load(row + j))));
      }
    }
  }
  return true;
}

/** Solves U'U x = b for each row's vector, in place. */
export function solve(rows: i32, squares: usize, vectors: usize): void {
  for (let row = 0; row < rows; row++) {
    const square = squares + (row as usize) * (size as usize) * rowBytes;
    const x = vectors + (row as usize) * rowBytes;
    for (let k = 0; k < size; k++) forward(square + (k as usize) * rowBytes, x, (k as usize) << 2);
    for (let k = size - 1; k >= 0; k--) backward(square + (k as usize) * rowBytes, x, (k as usize) << 2);
  }
}

function forward(row: usize, x: usize, own: usize): void {
  const z = load<f32>(x + own) * load<f32>(row + own);
  const factors = f32x4.splat(z);
  for (let j = own & ~15; j < rowBytes; j += FOUR) {
    v128.store(x + j, f32x4.sub(v128.load(x + j), f32x4.mul(factors, v128.load(row + j))));
  }
  // The loop took the inverse of the diagonal for a number of U.
  store<f32>(x + own, z);
}

function backward(row: usize, x: usize, own: usize): void {
  const z = load<f32>(x + own);
  store<f32>(x + own, 0);
  let sums = f32x4.splat(0);
  for (let j = own & ~15; j < rowBytes; j += FOUR) {
    sums = f32x4.add(sums, f32x4.mul(v128.load(row + j), v128.load(x + j)));
  }
  store<f32>(x + own, (z - sumOf(sums)) * load<f32>(row + own));
}

/** Writes the product of each pair's factor with the vector of its row. */
export function products(
  rows: i32,
  factors: usize,
  indptr: usize,
  indices: usize,
  vectors: usize,
  out: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const end = load<i32>(indptr + ((row as usize) << 2), 4);
    const x = vectors + (row as usize) * rowBytes;
    for (let p = load<i32>(indptr + ((row as usize) << 2)); p < end; p++) {
      const y = factors + (load<u32>(indices + ((p as usize) << 2)) as usize) * rowBytes;
      let sums = f32x4.splat(0);
      for (let k: usize = 0; k < rowBytes; k += FOUR) {
        sums = f32x4.add(sums, f32x4.mul(v128.load(x + k), v128.load(y + k)));
      }
      store<f32>(out + ((p as usize) << 2), sumOf(sums));
    }
  }
}

function sumOf(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  );
}
