import type { Rng } from '../../../core/rng.ts';
import { distinctItems } from '../../../dataset/samples.ts';
import type { Engine, Tensor } from '../../../tensor/engine.ts';
import type { SparseRows } from '../../../tensor/sparse/rows.ts';

/** The softmax of a batch over the catalogue, [places, items]. */
export function fullSoftmax(engine: Engine) {
  return (targets: SparseRows) => {
    const labels = engine.sparseRows(targets);
    return {
      loss: (h: Tensor, e: Tensor) => engine.softmaxHeadLoss({ h, e, labels }),
      dispose: () => labels.dispose(),
    };
  };
}

/** A softmax over each place's own target and items that all places of the batch share. */
export function sampledSoftmax(engine: Engine, items: number, samples: number, rng: Rng) {
  const count = Math.min(samples, items);
  const logQ = new Float32Array(items).fill(Math.log(count / items));
  return ({ indices }: SparseRows) => {
    const negatives = distinctItems(items, count, rng);
    return {
      loss: (h: Tensor, e: Tensor) =>
        engine.sampledSoftmaxLoss({ h, e, positives: indices as Int32Array, negatives, logQ }),
      dispose: () => {},
    };
  };
}
