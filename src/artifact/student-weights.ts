/** A matrix [rows, width] in int8, one scale per row: value[i,k] = scale[i] * q[i,k]. */
export interface QuantizedRows {
  rows: number;
  width: number;
  q: Int8Array;
  scale: Float32Array;
}

export type Normalization = 'l2' | 'sqrt' | 'none';
export type Activation = 'identity' | 'relu' | 'tanh';

/** A fold-in student as it is stored and served: u = act(b + norm * sum_i w_i E_in[i]), scores = E_out u + c. */
export interface StudentWeights {
  itemsIn: QuantizedRows;
  itemsOut: QuantizedRows;
  /** [d] */
  userBias: Float32Array;
  /** [N] */
  itemBias: Float32Array;
  /** [N] weight of each item in training. */
  popularity: Float32Array;
  normalization: Normalization;
  activation: Activation;
}
