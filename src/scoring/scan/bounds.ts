import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import type { Sliced } from '../../core/slices.ts';
import { type Directions, principalDirections } from './principal-directions.ts';

// Upper bounds of scores, in the manner of FEXIPRO (Li, Chan, Yiu and Mamoulis, SIGMOD 2017).
//
// With w = v - mean for an item's row v, R the principal directions as rows, c = R w, and q' * t the sketch of c:
//   v . u = mean . u + w . u
//   w . u = t q' . Ru + (c - t q') . Ru + (rest of w) . (rest of u)
//         <= t q' . Ru + inside * |Ru| + outside * |rest of u|          (Cauchy-Schwarz, twice)
// Every number here is rounded up by more than all roundings of score and bound together, so that no row that belongs
// to the answer is ever left out:
//   score, from int8 times int16 in f32        <= 3 * 2^-24 * |v| |u| + 2^-24 * |bias|
//   Ru as int16 with a power of two as step    <= sqrt(16) / 2 * 2 / 32767 * |w| |Ru|     = 1.3e-4 |w| |Ru|
//   R orthonormal to float32 only              <= 5e-7 * |w| |Ru|, and 5e-7 |w|^2 in the square of `outside`
//   the bound itself, in f32                   <= 6 * 2^-24 * (|w| + |mean|) |u|
// `inside` carries 2^-11 |w| + 2^-12 (|v| + |mean|) and |Ru| carries 2^-7 |u| (user-bounds.ts) on top: together
// 2^-19 (|v| + |mean|) |u| at least. test/scoring/scan/bounds.test.ts looks for counterexamples.

const ROOM = 1 + 2 ** -18;
const ROWS_PER_SLICE = 256;
/** Outside of these, products of float32 numbers could overflow or vanish, and no bound holds. */
const SMALLEST_SCALE = 2 ** -60;
const LARGEST_SCALE = 2 ** 60;

export interface Bounds {
  directions: Directions;
  mean: Float64Array;
}

/** Per row, in the rows' own order. */
export interface RowBounds extends Bounds {
  /** Norm of each row less the mean. */
  norm: Float32Array;
  /** Int8 [N, directions] with one scale per row. */
  sketch: Int8Array;
  sketchScale: Float32Array;
  inside: Float32Array;
  outside: Float32Array;
  /** The bias, rounded up. */
  ceiling: Float32Array;
}

/** Null when the numbers are too large or too small for bounds in float32. */
export function* computeBounds(items: QuantizedRows, bias: Float32Array): Sliced<RowBounds | null> {
  if (items.rows === 0 || !isModerate(items, bias)) return null;
  const { rows, width } = items;
  const mean = yield* meanRow(items);
  const read = (row: number, into: Float64Array) => {
    for (let k = 0; k < width; k++) into[k] = items.scale[row] * items.q[row * width + k] - mean[k];
  };
  const wanted = width >= 48 ? 16 : width >= 16 ? 8 : 0;
  const directions = yield* principalDirections(rows, width, wanted, read);
  const bounds: RowBounds = {
    directions,
    mean,
    norm: new Float32Array(rows),
    sketch: new Int8Array(rows * wanted),
    sketchScale: new Float32Array(rows),
    inside: new Float32Array(rows),
    outside: new Float32Array(rows),
    ceiling: Float32Array.from(bias, (value) => value + 2 ** -20 * Math.abs(value)),
  };
  const meanNorm = lengthOf(mean);
  const vector = new Float64Array(width);
  const parts = new Float64Array(wanted);
  for (let row = 0; row < rows; row++) {
    if (row % ROWS_PER_SLICE === 0) yield;
    read(row, vector);
    boundRow(bounds, row, vector, parts, meanNorm);
  }
  return bounds;
}

function isModerate({ scale }: QuantizedRows, bias: Float32Array): boolean {
  const fits = (size: number) => size === 0 || (size >= SMALLEST_SCALE && size <= LARGEST_SCALE);
  return (
    scale.every((value) => fits(Math.abs(value))) && bias.every((value) => Math.abs(value) <= LARGEST_SCALE)
  );
}

function* meanRow({ rows, width, q, scale }: QuantizedRows): Sliced<Float64Array> {
  const mean = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) mean[k] += scale[row] * q[row * width + k];
    if (row % ROWS_PER_SLICE === 0) yield;
  }
  for (let k = 0; k < width; k++) mean[k] /= rows;
  return mean;
}

/** @param vector the row less the mean @param parts overwritten */
function boundRow(
  bounds: RowBounds,
  row: number,
  vector: Float64Array,
  parts: Float64Array,
  meanNorm: number,
): void {
  const { values, rows: wanted, width } = bounds.directions;
  let energy = 0;
  let largest = 0;
  for (let j = 0; j < wanted; j++) {
    let part = 0;
    for (let k = 0; k < width; k++) part += values[j * width + k] * vector[k];
    parts[j] = part;
    energy += part * part;
    largest = Math.max(largest, Math.abs(part));
  }
  const step = Math.fround(largest / 127);
  bounds.sketchScale[row] = step;
  let lost = 0;
  for (let j = 0; j < wanted; j++) {
    const code = step > 0 ? Math.max(-127, Math.min(127, Math.round(parts[j] / step))) : 0;
    bounds.sketch[row * wanted + j] = code;
    lost += (parts[j] - step * code) ** 2;
  }
  const norm = lengthOf(vector);
  // |v| <= norm + |mean|
  const whole = norm + 2 * meanNorm;
  const squared = norm * norm;
  bounds.norm[row] = (norm + 2 ** -18 * whole) * ROOM;
  bounds.inside[row] = (Math.sqrt(lost) + 2 ** -11 * norm + 2 ** -12 * whole) * ROOM;
  bounds.outside[row] = Math.sqrt(Math.max(0, squared - energy) + 1e-6 * squared) * ROOM;
}

function lengthOf(vector: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < vector.length; k++) sum += vector[k] * vector[k];
  return Math.sqrt(sum);
}
