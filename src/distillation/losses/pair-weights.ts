import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';

/**
 * w_ij of the weighted divergence, [B, N]: the behaviour's weight where the user has one, 1 for all other items.
 * Undefined when that is 1 everywhere, which is the plain divergence and cheaper.
 */
export function pairWeights(engine: Engine, own: Csr): Tensor | undefined {
  if (own.values.every((w) => w === 1)) return undefined;
  const { tf } = engine;
  const extra = engine.sparseRows({ ...own, values: own.values.map((w) => w - 1) });
  const weights = tf.tidy(() => tf.add(engine.toDense(extra), 1));
  extra.dispose();
  return weights;
}
