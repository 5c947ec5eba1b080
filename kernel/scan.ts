// The scan of an item matrix for the k best rows, in AssemblyScript: compiled by scripts/setup/kernel.mjs, driven by
// src/scoring/scan/kernel.ts, held by a test to what src/scoring/scan/plain-kernel.ts answers.
//
// score(row) = f32(f32(sum_k q[row,k] * x[k]) * scale[row]) * step + bias[row], every step rounded to f32. The sum of
// int8 times int16 is exact in i32, so that no order of summation changes a bit.
//
// The memory belongs to the host, which lays it out and says where things are. Rows are in the order of packing;
// order[row] is the row as the host knows it. Rows come in blocks of BLOCK; those beyond the last are padding with a
// bias of -Infinity.

const BLOCK: i32 = 32;

// The matrix, read only once it is packed; shared between threads.
let blocks: i32;
let stride: i32;
let qAt: usize;
let scaleAt: usize;
let biasAt: usize;
let orderAt: usize;

// Bounds, read only too. sketchWidth 0: there are none.
let sketchWidth: i32;
let blockNormAt: usize;
let blockBiasAt: usize;
let sketchAt: usize;
let sketchScaleAt: usize;
let insideAt: usize;
let outsideAt: usize;
let ceilingAt: usize;

// This thread's own.
let userAt: usize;
let projectedAt: usize;
let blockedAt: usize;
let heapRowsAt: usize;
let heapScoresAt: usize;
let heapLength: i32;

let looked: i32;
let finished: i32;

export function bindMatrix(
  blockCount: i32,
  rowBytes: i32,
  q: usize,
  scale: usize,
  bias: usize,
  order: usize,
): void {
  blocks = blockCount;
  stride = rowBytes;
  qAt = q;
  scaleAt = scale;
  biasAt = bias;
  orderAt = order;
}

export function bindBounds(
  width: i32,
  blockNorm: usize,
  blockBias: usize,
  sketch: usize,
  sketchScale: usize,
  inside: usize,
  outside: usize,
  ceiling: usize,
): void {
  sketchWidth = width;
  blockNormAt = blockNorm;
  blockBiasAt = blockBias;
  sketchAt = sketch;
  sketchScaleAt = sketchScale;
  insideAt = inside;
  outsideAt = outside;
  ceilingAt = ceiling;
}

export function bindScratch(
  user: usize,
  projected: usize,
  blocked: usize,
  heapRows: usize,
  heapScores: usize,
): void {
  userAt = user;
  projectedAt = projected;
  blockedAt = blocked;
  heapRowsAt = heapRows;
  heapScoresAt = heapScores;
}

/** Rows that the last scan looked at one by one (in whatever way), and those it computed to the end. */
export function lastLooked(): i32 {
  return looked;
}

export function lastFinished(): i32 {
  return finished;
}

/** The best k of all rows that are not blocked, best first in the heap's arrays; answers how many. */
export function scanAll(k: i32, step: f32): i32 {
  begin();
  for (let row = 0, end = blocks * BLOCK; row < end; row += 4) {
    if (!areBlocked(row)) offerFour(row, scoreFour(row, step), k, 15);
  }
  looked = blocks * BLOCK;
  finished = looked;
  return sortBestFirst();
}

/**
 * The same answer with most rows left out unseen: a block by its greatest norm and bias, a row by the product of its
 * sketch and what that leaves open. A bound that is NaN is smaller than nothing, so its row is finished.
 * @param norm of the user's vector, inside and outside of the sketched directions, rounded up
 * @param shift product of the user's vector with the mean row, part of every score
 */
export function scanBounded(
  k: i32,
  step: f32,
  norm: f32,
  inside: f32,
  outside: f32,
  projectedStep: f32,
  shift: f32,
): i32 {
  begin();
  let threshold = -Infinity as f32;
  for (let block = 0; block < blocks; block++) {
    const at = (block as usize) << 2;
    const bound = load<f32>(blockNormAt + at) * norm + (load<f32>(blockBiasAt + at) + shift);
    if (bound < threshold) continue;
    looked += BLOCK;
    for (let row = block * BLOCK, end = row + BLOCK; row < end; row += 4) {
      if (areBlocked(row)) continue;
      const open = openLanes(row, threshold, inside, outside, projectedStep, shift);
      if (open === 0) continue;
      // One row alone is cheaper by itself.
      if ((open & (open - 1)) === 0) {
        finished += 1;
        const lane = ctz(open);
        offer(row + lane, scoreOne(row + lane, step), k);
      } else {
        finished += 4;
        offerFour(row, scoreFour(row, step), k, open);
      }
      if (heapLength === k) threshold = load<f32>(heapScoresAt);
    }
  }
  return sortBestFirst();
}

/** The score of every row, in the host's order of rows, padding included. */
export function scoreAll(out: usize, step: f32): void {
  for (let row = 0, end = blocks * BLOCK; row < end; row += 4) {
    const scores = scoreFour(row, step);
    const order = orderAt + ((row as usize) << 2);
    store<f32>(out + ((load<u32>(order) as usize) << 2), f32x4.extract_lane(scores, 0));
    store<f32>(out + ((load<u32>(order, 4) as usize) << 2), f32x4.extract_lane(scores, 1));
    store<f32>(out + ((load<u32>(order, 8) as usize) << 2), f32x4.extract_lane(scores, 2));
    store<f32>(out + ((load<u32>(order, 12) as usize) << 2), f32x4.extract_lane(scores, 3));
  }
}

/** @param row in the order of packing */
export function scoreOne(row: i32, step: f32): f32 {
  let sum = i32x4.splat(0);
  const q = qAt + (row as usize) * (stride as usize);
  for (let k: usize = 0, end = stride as usize; k < end; k += 8) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load_ext<i8>(q + k), v128.load(userAt + (k << 1))));
  }
  const total =
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3);
  const at = (row as usize) << 2;
  return (total as f32) * load<f32>(scaleAt + at) * step + load<f32>(biasAt + at);
}

function scoreFour(row: i32, step: f32): v128 {
  const sums = f32x4.convert_i32x4_s(dotFour(qAt + (row as usize) * (stride as usize), stride, userAt));
  const at = (row as usize) << 2;
  const scaled = f32x4.mul(f32x4.mul(sums, v128.load(scaleAt + at)), f32x4.splat(step));
  return f32x4.add(scaled, v128.load(biasAt + at));
}

/** Exact products of four rows of int8, `bytes` apart, with a vector of int16. */
function dotFour(first: usize, bytes: i32, vector: usize): v128 {
  const width = bytes as usize;
  const second = first + width;
  const third = second + width;
  const fourth = third + width;
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  let d = i32x4.splat(0);
  for (let k: usize = 0; k < width; k += 8) {
    const x = v128.load(vector + (k << 1));
    a = i32x4.add(a, i32x4.dot_i16x8_s(v128.load_ext<i8>(first + k), x));
    b = i32x4.add(b, i32x4.dot_i16x8_s(v128.load_ext<i8>(second + k), x));
    c = i32x4.add(c, i32x4.dot_i16x8_s(v128.load_ext<i8>(third + k), x));
    d = i32x4.add(d, i32x4.dot_i16x8_s(v128.load_ext<i8>(fourth + k), x));
  }
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Which of four rows may reach the threshold, as bits. */
function openLanes(row: i32, threshold: f32, inside: f32, outside: f32, projectedStep: f32, shift: f32): i32 {
  const at = (row as usize) << 2;
  const ceiling = f32x4.add(v128.load(ceilingAt + at), f32x4.splat(shift));
  const sketch = sketchAt + (row as usize) * (sketchWidth as usize);
  const sums = f32x4.convert_i32x4_s(dotFour(sketch, sketchWidth, projectedAt));
  const part = f32x4.mul(f32x4.mul(sums, v128.load(sketchScaleAt + at)), f32x4.splat(projectedStep));
  const rest = f32x4.add(
    f32x4.mul(v128.load(insideAt + at), f32x4.splat(inside)),
    f32x4.mul(v128.load(outsideAt + at), f32x4.splat(outside)),
  );
  const bound = f32x4.add(f32x4.add(part, rest), ceiling);
  return ~i32x4.bitmask(f32x4.lt(bound, f32x4.splat(threshold))) & 15;
}

/** Whether none of four rows may come back; with a narrow filter that is nearly always so. */
function areBlocked(row: i32): bool {
  return load<u32>(blockedAt + (row as usize)) === 0x01010101;
}

function begin(): void {
  heapLength = 0;
  looked = 0;
  finished = 0;
}

function offerFour(row: i32, scores: v128, k: i32, lanes: i32): void {
  let reached = lanes;
  // Equal scores too: the order of packing may bring the later row first.
  if (heapLength === k) {
    reached &= i32x4.bitmask(f32x4.ge(scores, f32x4.splat(load<f32>(heapScoresAt))));
    if (reached === 0) return;
  }
  if (reached & 1) offer(row, f32x4.extract_lane(scores, 0), k);
  if (reached & 2) offer(row + 1, f32x4.extract_lane(scores, 1), k);
  if (reached & 4) offer(row + 2, f32x4.extract_lane(scores, 2), k);
  if (reached & 8) offer(row + 3, f32x4.extract_lane(scores, 3), k);
}

function offer(row: i32, score: f32, k: i32): void {
  // Neither NaN nor -Infinity, the padding's, is ever an answer.
  if (!(score > (-Infinity as f32))) return;
  if (load<u8>(blockedAt + (row as usize))) return;
  const item = load<i32>(orderAt + ((row as usize) << 2));
  if (heapLength < k) push(item, score);
  else if (isWorse(load<f32>(heapScoresAt), load<i32>(heapRowsAt), score, item)) {
    sink(heapLength, item, score);
  }
}

// A binary heap with the worst entry on top, as src/serving/top-heap.ts has it.

function push(row: i32, score: f32): void {
  let at = heapLength++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(score, row, scoreAt(parent), rowAt(parent))) break;
    put(at, rowAt(parent), scoreAt(parent));
    at = parent;
  }
  put(at, row, score);
}

function sink(length: i32, row: i32, score: f32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    const right = child + 1;
    if (right < length && isWorse(scoreAt(right), rowAt(right), scoreAt(child), rowAt(child))) child = right;
    if (!isWorse(scoreAt(child), rowAt(child), score, row)) break;
    put(at, rowAt(child), scoreAt(child));
    at = child;
  }
  put(at, row, score);
}

function sortBestFirst(): i32 {
  for (let last = heapLength - 1; last > 0; last--) {
    const row = rowAt(0);
    const score = scoreAt(0);
    sink(last, rowAt(last), scoreAt(last));
    put(last, row, score);
  }
  return heapLength;
}

function isWorse(scoreA: f32, rowA: i32, scoreB: f32, rowB: i32): bool {
  return scoreA < scoreB || (scoreA === scoreB && rowA > rowB);
}

function rowAt(at: i32): i32 {
  return load<i32>(heapRowsAt + ((at as usize) << 2));
}

function scoreAt(at: i32): f32 {
  return load<f32>(heapScoresAt + ((at as usize) << 2));
}

function put(at: i32, row: i32, score: f32): void {
  store<i32>(heapRowsAt + ((at as usize) << 2), row);
  store<f32>(heapScoresAt + ((at as usize) << 2), score);
}
