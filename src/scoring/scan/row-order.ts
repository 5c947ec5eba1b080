import type { Sliced } from '../../core/slices.ts';
import type { RowBounds } from './bounds.ts';

export function naturalOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

/** Rows in an order in which those that can reach the highest scores come first, and equal ones as they are. */
export function* orderByReach({ norm, ceiling }: RowBounds, typicalNorm: number): Sliced<Int32Array> {
  const count = norm.length;
  // Sorting numbers is far quicker than sorting with a comparison: the reach in the high bits, the row in the low.
  const keys = new Float64Array(count);
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < count; row++) {
    const reach = norm[row] * typicalNorm + ceiling[row];
    keys[row] = reach;
    if (reach < lowest) lowest = reach;
    if (reach > highest) highest = reach;
  }
  yield;
  const span = highest - lowest;
  const rowsUp = 2 ** Math.ceil(Math.log2(count + 1));
  const levels = Math.floor(2 ** 52 / rowsUp) - 1;
  for (let row = 0; row < count; row++) {
    const level = span > 0 ? Math.floor(((highest - keys[row]) / span) * levels) : 0;
    keys[row] = level * rowsUp + row;
  }
  yield;
  yield* sortInRuns(keys);
  return Int32Array.from(keys, (key) => key % rowsUp);
}

/** Merge sort over runs that are sorted natively, so that a million numbers need not be sorted in one go. */
function* sortInRuns(keys: Float64Array): Sliced<void> {
  const run = 16_384;
  for (let from = 0; from < keys.length; from += run) {
    keys.subarray(from, from + run).sort();
    yield;
  }
  let source = keys;
  let target: Float64Array = new Float64Array(keys.length);
  for (let size = run; size < keys.length; size *= 2) {
    for (let from = 0; from < keys.length; from += 2 * size) {
      yield* merge(
        source,
        target,
        from,
        Math.min(from + size, keys.length),
        Math.min(from + 2 * size, keys.length),
      );
    }
    [source, target] = [target, source];
  }
  if (source !== keys) keys.set(source);
}

function* merge(
  source: Float64Array,
  target: Float64Array,
  from: number,
  middle: number,
  end: number,
): Sliced<void> {
  let left = from;
  let right = middle;
  for (let at = from; at < end; at++) {
    const takesLeft = left < middle && (right >= end || source[left] <= source[right]);
    target[at] = takesLeft ? source[left++] : source[right++];
    if (at % 32_768 === 0) yield;
  }
}
