import type { Context, Tensor } from '../backend/context.ts';

/** Shape of a batch of padded rows. */
export interface Padded {
  rows: number;
  length: number;
  /** [rows] places in use, the last ones of each row. */
  lengths: Int32Array;
}

/** Score that keeps a place from attending to another. It is finite, since in some rows nothing is allowed. */
const FORBIDDEN = -1e9;

/**
 * To add to attention scores [rows, 1, length, length]: 0 where the second place is in use and not later than the first,
 * else so little that its share is nothing.
 */
export function causalMask({ tf }: Context, { rows, length, lengths }: Padded): Tensor {
  const mask = new Float32Array(rows * length * length).fill(FORBIDDEN);
  for (let r = 0; r < rows; r++) {
    const first = length - lengths[r]!;
    for (let t = first; t < length; t++) {
      const at = (r * length + t) * length;
      mask.fill(0, at + first, at + t + 1);
    }
  }
  return tf.tensor4d(mask, [rows, 1, length, length]);
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2).
 *
 * @param q [rows*queries, d], k and v [rows*length, d]; d is divisible by `heads`
 * @param mask [rows, 1, queries, length]
 * @param drop applied to the shares, [rows, heads, queries, length]
 * @returns [rows*queries, d]
 */
export function attend(
  { tf }: Context,
  { q, k, v }: { q: Tensor; k: Tensor; v: Tensor },
  { rows, heads, mask }: { rows: number; heads: number; mask: Tensor },
  drop: (shares: Tensor) => Tensor = (shares) => shares,
): Tensor {
  const d = q.shape[1]!;
  const width = d / heads;
  // [rows*places, d] -> [rows, heads, places, width]
  const split = (x: Tensor) => tf.transpose(tf.reshape(x, [rows, -1, heads, width]), [0, 2, 1, 3]);
  const scores = tf.matMul(split(q), split(k), false, true) as Tensor;
  const shares = drop(tf.softmax(tf.add(tf.mul(scores, 1 / Math.sqrt(width)), mask)));
  const mixed = tf.matMul(shares, split(v)) as Tensor;
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, d]);
}

/** Mask for attention from the newest place alone, [rows, 1, 1, length]. */
export function newestMask({ tf }: Context, { rows, length, lengths }: Padded): Tensor {
  const mask = new Float32Array(rows * length).fill(FORBIDDEN);
  for (let r = 0; r < rows; r++) mask.fill(0, (r + 1) * length - lengths[r]!, (r + 1) * length);
  return tf.tensor4d(mask, [rows, 1, 1, length]);
}
