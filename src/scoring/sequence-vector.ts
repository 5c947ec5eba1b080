import { NORM_EPSILON, type SequenceEncoder } from '../artifact/student/sequence-encoder.ts';
import type { StudentWeights } from '../artifact/student/student-weights.ts';
import { denseLayer } from './dense-layer.ts';

/**
 * The user vector of a sequential student, in plain loops, in float64. Keys and values are never made: with one asking
 * place q'(K x) is (K'q)'x, and the values of a weighted mean are the value of the mean. Rows come newest first; the array
 * that is answered is reused.
 */
export function createSequenceVectors(
  { itemsIn, itemsOut }: Pick<StudentWeights, 'itemsIn' | 'itemsOut'>,
  { length, heads, layers }: SequenceEncoder,
): { fold(rows: ArrayLike<number>): Float32Array } {
  const d = itemsOut.width;
  const places = new Float64Array(length * d);
  const newest = places.subarray(0, d);
  const query = new Float64Array(d);
  const direction = new Float64Array(d);
  const mean = new Float64Array(d);
  const value = new Float64Array(d);
  const shares = new Float64Array(length);
  const seen = new Float64Array(d);
  const inner = new Float64Array(layers['in.bias'].length);
  const last = new Float64Array(d);
  const user = new Float32Array(d);

  /** The newest comes first, in `places` too. */
  function place(row: number, age: number): void {
    const x = places.subarray(age * d, (age + 1) * d);
    const position = (length - 1 - age) * d;
    for (let k = 0; k < d; k++) {
      x[k] = itemsIn.scale[row]! * itemsIn.q[row * d + k]! + layers.positions[position + k]!;
    }
    normalize(x, layers['norm.gain'], layers['norm.bias']);
  }

  /** Writes what one head sees of the first `count` places into its part of `value`. */
  function look(head: number, count: number): void {
    const width = d / heads;
    const from = head * width;
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let k = from; k < from + width; k++) sum += layers.k[j * d + k]! * query[k]!;
      direction[j] = sum / Math.sqrt(width);
    }
    let top = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < count; t++) {
      let score = 0;
      for (let j = 0; j < d; j++) score += places[t * d + j]! * direction[j]!;
      shares[t] = score;
      if (score > top) top = score;
    }
    let total = 0;
    for (let t = 0; t < count; t++) {
      shares[t] = Math.exp(shares[t]! - top);
      total += shares[t]!;
    }
    mean.fill(0);
    for (let t = 0; t < count; t++) {
      const share = shares[t]! / total;
      for (let j = 0; j < d; j++) mean[j]! += share * places[t * d + j]!;
    }
    for (let k = from; k < from + width; k++) {
      let sum = layers['v.bias'][k]!;
      for (let j = 0; j < d; j++) sum += mean[j]! * layers.v[j * d + k]!;
      value[k] = sum;
    }
  }

  return {
    fold(rows) {
      const count = Math.min(rows.length, length);
      if (count === 0) return user.fill(0);
      for (let age = 0; age < count; age++) place(rows[age]!, age);
      denseLayer(newest, layers.q, layers['q.bias'], query);
      for (let head = 0; head < heads; head++) look(head, count);
      denseLayer(value, layers.mix, layers['mix.bias'], seen);
      for (let k = 0; k < d; k++) seen[k]! += newest[k]!;
      normalize(seen, layers['seen.gain'], layers['seen.bias']);
      denseLayer(seen, layers.in, layers['in.bias'], inner);
      for (let k = 0; k < inner.length; k++) if (inner[k]! < 0) inner[k] = 0;
      denseLayer(inner, layers.out, layers['out.bias'], last);
      for (let k = 0; k < d; k++) last[k]! += seen[k]!;
      normalize(last, layers['last.gain'], layers['last.bias']);
      user.set(last);
      return user;
    },
  };
}

function normalize(x: Float64Array, gain: Float32Array, bias: Float32Array): void {
  const n = x.length;
  let mean = 0;
  for (let k = 0; k < n; k++) mean += x[k]! / n;
  let variance = 0;
  for (let k = 0; k < n; k++) variance += (x[k]! - mean) ** 2 / n;
  const rate = 1 / Math.sqrt(variance + NORM_EPSILON);
  for (let k = 0; k < n; k++) x[k] = (x[k]! - mean) * rate * gain[k]! + bias[k]!;
}
