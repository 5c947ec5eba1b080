import { LARGEST } from '../artifact/student/quantize.ts';
import type { Quantization } from '../domain/students/quantization.ts';
import { differentiable } from '../tensor/backend/differentiable.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';

/**
 * The least step of a row, for rows of zeros. It is not smaller, since TensorFlow's threads take numbers below 1.2e-38 for 0, and
 * 0 / 0 is no number.
 */
const LEAST_STEP = 1e-30;

/** The rows as training sees them when they are to be rounded; product codes are fitted afterwards. */
export function roundedRows(engine: Engine, rows: Tensor, quantization: Quantization): Tensor {
  return quantization === 'pq' ? rows : roundRows(engine, rows, quantization);
}

/**
 * The rows [N, d] as quantizeRows would leave them, for the forward pass of quantisation-aware training; the gradient
 * passes as if nothing was rounded (straight-through: Bengio, Léonard & Courville 2013; Jacob et al., CVPR 2018).
 */
export function roundRows(engine: Engine, rows: Tensor, bits: keyof typeof LARGEST): Tensor {
  const { tf } = engine;
  return differentiable(
    engine,
    { rows },
    () => {
      const step = tf.div(tf.max(tf.abs(rows), 1, true), LARGEST[bits]);
      return tf.mul(tf.round(tf.div(rows, tf.maximum(step, LEAST_STEP))), step);
    },
    (dy) => ({ rows: () => dy.clone() }),
  );
}
