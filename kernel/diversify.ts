// Maximal marginal relevance, in AssemblyScript: compiled by scripts/setup/kernel.mjs, driven by
// src/serving/answers/diversify.ts, held by a test to the same arithmetic in plain JavaScript.
//
// The memory belongs to the host. Rows are int8 codes widened to int16, one after the other, filled up with zeros to a
// multiple of 8. Their products are exact in i32, and everything after them is f64.

let stride: usize;
let rowsAt: usize;
let inverseAt: usize;
let worthAt: usize;
let closestAt: usize;
let leftAt: usize;

/**
 * @param width numbers of a row
 * @param rows int16 [n, width]
 * @param inverse f64 [n] one over each row's length
 * @param worth f64 [n] (1 - diversity) * relevance
 * @param closest f64 [n] the greatest cosine with a chosen row
 * @param left i32 [n] the candidates that are not chosen, by rank
 */
export function bind(
  width: i32,
  rows: usize,
  inverse: usize,
  worth: usize,
  closest: usize,
  left: usize,
): void {
  stride = (width as usize) << 1;
  rowsAt = rows;
  inverseAt = inverse;
  worthAt = worth;
  closestAt = closest;
  leftAt = left;
}

/** Takes the chosen candidate into account for those that are left; answers the place in the list of the best of them. */
export function next(chosen: i32, count: i32, diversity: f64): i32 {
  const row = rowsAt + (chosen as usize) * stride;
  const inverse = load<f64>(inverseAt + ((chosen as usize) << 3));
  let best = 0;
  let bestValue = -Infinity as f64;
  for (let place = 0; place < count; place++) {
    const candidate = load<u32>(leftAt + ((place as usize) << 2)) as usize;
    const at = candidate << 3;
    const cosine = (dot(rowsAt + candidate * stride, row) as f64) * load<f64>(inverseAt + at) * inverse;
    const closest = max(load<f64>(closestAt + at), cosine);
    store<f64>(closestAt + at, closest);
    const value = load<f64>(worthAt + at) - diversity * closest;
    if (value > bestValue) {
      bestValue = value;
      best = place;
    }
  }
  return best;
}

function dot(a: usize, b: usize): i32 {
  let sum = i32x4.splat(0);
  for (let k: usize = 0; k < stride; k += 16) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(a + k), v128.load(b + k)));
  }
  return (
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3)
  );
}
