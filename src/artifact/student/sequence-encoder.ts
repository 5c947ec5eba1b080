/**
 * One block of self-attention (Vaswani et al. 2017) that looks from the newest item of a history at the newest `length`
 * of them; d is the width of the item vectors:
 *
 *   x_t = norm(E_in[i_t] + positions[length - 1 - age])       age 0 is the newest
 *   y   = norm(x_new + mix(attention(q(x_new), k(x), v(x))))
 *   u   = norm(y + out(relu(in(y))))
 *
 * Layers are [from, to] with a bias each (keys need none), norms have gain and bias.
 */
export interface SequenceEncoder {
  /** Newest items that are looked at. */
  length: number;
  /** d is a multiple of it. */
  heads: number;
  layers: EncoderLayers;
}

export type EncoderLayers = Record<EncoderLayer, Float32Array>;
export type EncoderLayer = keyof ReturnType<typeof encoderShapes>;

/** Added to the variance of a norm. */
export const NORM_EPSILON = 1e-6;

/** Width of the inner layer, in multiples of d. */
const WIDER = 2;

/** Tensors of an encoder with d dimensions, and their shapes. */
export function encoderShapes(d: number, length: number) {
  return {
    positions: [length, d],
    'norm.gain': [d],
    'norm.bias': [d],
    q: [d, d],
    'q.bias': [d],
    k: [d, d],
    v: [d, d],
    'v.bias': [d],
    mix: [d, d],
    'mix.bias': [d],
    'seen.gain': [d],
    'seen.bias': [d],
    in: [d, WIDER * d],
    'in.bias': [WIDER * d],
    out: [WIDER * d, d],
    'out.bias': [d],
    'last.gain': [d],
    'last.bias': [d],
  } satisfies Record<string, number[]>;
}

export function encoderSize({ layers }: SequenceEncoder): number {
  return Object.values(layers).reduce((sum, values) => sum + values.length, 0);
}
