import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TeacherState } from '../contract.ts';
import type { EaseForm } from './ease-form.ts';

/**
 * Turns the inverse into the weights block by block, so that no more than two matrices of its size exist at once.
 * @param inverse rows of P in blocks, [items, items] in all; released here
 */
export function createPrimal(engine: Engine, inverse: Tensor[]): EaseForm {
  const { tf } = engine;
  const diagonals = diagonalOf(engine, inverse);
  let from = 0;
  const blocks = inverse.map((rows) => {
    const block = tf.tidy(() => {
      const [height, items] = rows.shape as [number, number];
      const offDiagonal = tf.sub(
        1,
        tf.pad(tf.eye(height), [
          [0, 0],
          [from, items - from - height],
        ]),
      );
      // I - P / p, whose diagonal is 0 by definition and not only up to rounding.
      return tf.mul(tf.div(tf.neg(rows), diagonals), offDiagonal);
    });
    from += rows.shape[0]!;
    rows.dispose();
    return block;
  });
  diagonals.dispose();
  if (blocks.length === 1) return primalForm(engine, blocks[0]!);
  const weights = tf.concat(blocks, 0);
  tf.dispose(blocks);
  return primalForm(engine, weights);
}

/** [items] of a matrix in blocks of rows. */
function diagonalOf({ tf }: Engine, blocks: readonly Tensor[]): Tensor {
  let from = 0;
  return tf.tidy(() =>
    tf.concat(
      blocks.map((rows) => {
        const height = rows.shape[0]!;
        const own = tf.slice(rows, [0, from], [height, height]);
        from += height;
        return tf.sum(tf.mul(own, tf.eye(height)), 0);
      }),
    ),
  );
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
