import type { Context, Tensor } from '../backend/context.ts';
import type { Padded } from './attention.ts';

export interface GruWeights {
  /** [d, 3h] what the input adds to reset gate, update gate and candidate, in this order. */
  input: Tensor;
  /** [h, 3h] what the state adds. */
  state: Tensor;
  /** [3h] */
  inputBias: Tensor;
  /** [3h]; the part of the candidate is inside the reset gate. */
  stateBias: Tensor;
}

/**
 * A gated recurrent unit over left-padded rows, with the reset gate behind the product (Cho et al. 2014; the variant of
 * cuDNN): r, z = sigmoid(x W + h U), n = tanh(x W + r (h U)), h' = (1 - z) n + z h. Padding leaves the state at zero.
 *
 * @param x [rows*length, d]
 * @returns the state after each place, [rows, h] each
 */
export function gruStates(
  { tf }: Context,
  x: Tensor,
  { rows, length, lengths }: Padded,
  weights: GruWeights,
): Tensor[] {
  const h = weights.state.shape[0]!;
  const projected = tf.add(tf.matMul(x, weights.input), weights.inputBias);
  const steps = tf.unstack(tf.reshape(projected, [rows, length, 3 * h]), 1);
  const states: Tensor[] = [];
  let state: Tensor = tf.zeros([rows, h]);
  for (let t = 0; t < length; t++) {
    const [xr, xz, xn] = tf.split(steps[t]!, 3, 1);
    const own = tf.add(tf.matMul(state, weights.state), weights.stateBias);
    const [hr, hz, hn] = tf.split(own, 3, 1);
    const reset = tf.sigmoid(tf.add(xr!, hr!));
    const keep = tf.sigmoid(tf.add(xz!, hz!));
    const candidate = tf.tanh(tf.add(xn!, tf.mul(reset, hn!)));
    const next = tf.add(candidate, tf.mul(keep, tf.sub(state, candidate)));
    const used = Float32Array.from(lengths, (n) => Number(t >= length - n));
    state = used.every((x) => x === 1) ? next : tf.mul(next, tf.tensor2d(used, [rows, 1]));
    states.push(state);
  }
  return states;
}
