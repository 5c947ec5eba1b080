import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TeacherState } from '../contract.ts';
import type { EaseForm } from './ease-form.ts';

/** @param inverse rows of P, [items, items] in all; released here */
export function createPrimal(engine: Engine, inverse: Tensor[]): EaseForm {
  const { tf } = engine;
  const weights = tf.tidy(() => {
    const p = inverse.length === 1 ? inverse[0]! : tf.concat(inverse, 0);
    const items = p.shape[0]!;
    const diagonal = tf.tidy(() => tf.sum(tf.mul(p, tf.eye(items)), 0));
    // I - P / p, whose diagonal is 0 by definition and not only up to rounding.
    return tf.mul(tf.div(tf.neg(p), diagonal), tf.sub(1, tf.eye(items)));
  });
  tf.dispose(inverse);
  return primalForm(engine, weights);
}

export function restorePrimal(
  engine: Engine,
  { weights }: TeacherState['tensors'],
): EaseForm & { items: number } {
  const [items] = weights!.shape;
  return { ...primalForm(engine, engine.tf.tensor(weights!.values, weights!.shape)), items: items! };
}

function primalForm(engine: Engine, weights: Tensor): EaseForm {
  const { tf } = engine;
  return {
    scores(histories) {
      const x = engine.sparseRows(histories);
      try {
        return engine.sparseMatMul(x, weights);
      } finally {
        x.dispose();
      }
    },
    project: (directions, width) =>
      readAndDispose(tf.tidy(() => tf.matMul(weights, tf.tensor2d(directions, [weights.shape[0]!, width])))),
    tensors: () => ({
      weights: { shape: [...weights.shape], values: weights.dataSync() as Float32Array },
    }),
    dispose: () => weights.dispose(),
  };
}
