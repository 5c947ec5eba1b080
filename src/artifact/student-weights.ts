/** A matrix [rows, width] in int8, one scale per row: value[i,k] = scale[i] * q[i,k]. What the kernel scans. */
export interface QuantizedRows {
  rows: number;
  width: number;
  q: Int8Array;
  scale: Float32Array;
}

/**
 * Rows [rows, width] cut into parts of `codeWidth` numbers, each part one of `codes` int8 vectors of its place's codebook,
 * and one scale per row (product quantization: Jégou, Douze & Schmid, PAMI 2011). The last part may be narrower; its
 * codebook is filled up with zeros.
 */
export interface ProductCodes {
  /** Numbers per part. */
  codeWidth: number;
  /** Vectors per codebook. */
  codes: number;
  /** [rows, parts] */
  chosen: Uint8Array;
  /** [parts, codes, codeWidth] */
  codebook: Int8Array;
}

/** The same as it is stored: with product quantization, rows were decoded from codes. */
export interface StoredRows extends QuantizedRows {
  codes?: ProductCodes;
}

export type Normalization = 'l2' | 'sqrt' | 'none';
export type Activation = 'identity' | 'relu' | 'tanh';
/** int4 keeps q within -7..7. */
export type Quantization = 'int8' | 'int4' | 'pq';

/** A layer behind the activation: u = weights' v + bias. */
export interface InnerLayer {
  /** [h, d] */
  weights: Float32Array;
  /** [d] */
  bias: Float32Array;
}

/**
 * A fold-in student as it is stored and served: v = act(b + norm * sum_i w_i E_in[i]), u = v or inner(v),
 * scores = E_out u + c.
 */
export interface StudentWeights {
  /** [N, h], or [N, d] without an inner layer. The same object as itemsOut when both sides share one matrix. */
  itemsIn: StoredRows;
  /** [N, d] */
  itemsOut: StoredRows;
  /** [h] or [d] */
  userBias: Float32Array;
  inner: InnerLayer | null;
  /** [N]; all zero for a student without one. */
  itemBias: Float32Array;
  /** [N] weight of each item in training. */
  popularity: Float32Array;
  quantization: Quantization;
  normalization: Normalization;
  activation: Activation;
}

export function isTied({ itemsIn, itemsOut }: StudentWeights): boolean {
  return itemsIn === itemsOut;
}

export function hasItemBias({ itemBias }: StudentWeights): boolean {
  return itemBias.some((bias) => bias !== 0);
}

/** Numbers that training chose; with product quantization before they were coded. */
export function parameterCount(weights: StudentWeights): number {
  const { itemsIn, itemsOut, userBias, inner, itemBias } = weights;
  return (
    itemsOut.q.length +
    (isTied(weights) ? 0 : itemsIn.q.length) +
    userBias.length +
    (inner ? inner.weights.length + inner.bias.length : 0) +
    (hasItemBias(weights) ? itemBias.length : 0)
  );
}

/** For people, such as "fold-in 32, int8, tied". */
export function describeStudent(weights: StudentWeights): string {
  const { itemsIn, itemsOut, inner, quantization, activation } = weights;
  const parts = [`fold-in ${inner ? `${itemsIn.width} ${activation}, ` : ''}${itemsOut.width}`, quantization];
  if (!inner && activation !== 'identity') parts.push(activation);
  if (isTied(weights)) parts.push('tied');
  return parts.join(', ');
}
