import type { StudentOutput } from '../../student/network.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import type { NamedTensors } from '../../tensor/train/parameters.ts';

/** The student's answer to one batch. Scores of the whole catalogue are only multiplied out when a loss asks for them. */
export interface StudentView extends StudentOutput {
  /** The student's parameters and those of the losses. */
  parameters: NamedTensors;
  /** [B, N] */
  logits(): Tensor;
  /** [B, N] with the users' own items out of the running, and those that the teacher does not know. */
  unseenLogits(): Tensor;
  /** Mean softmax cross-entropy of the whole catalogue, in chunks where its scores exceed the engine's budget. */
  crossEntropy(labels: SparseBatch): Scalar;
  /** Scores of `width` items per user, [B, width]. @param ids [B * width] */
  scoresAt(ids: Int32Array): Tensor;
  /** Scores of items that all users share, [B, ids.length]. */
  scoresOf(ids: Int32Array): Tensor;
}

export function viewStudent(
  engine: Engine,
  output: StudentOutput,
  hidden: SparseBatch,
  parameters: NamedTensors,
): StudentView {
  const { tf } = engine;
  const { user, items, itemBias } = output;
  const [batch, d] = user.shape as [number, number];
  let logits: Tensor | undefined;
  let unseen: Tensor | undefined;

  const rows = (ids: Int32Array) => engine.gatherRows(items, ids);
  const biases = (ids: Int32Array) => engine.gatherRows(tf.reshape(itemBias!, [items.shape[0]!, 1]), ids);

  function all(): Tensor {
    logits ??= engine.linearScores(user, items, itemBias);
    return logits;
  }

  return {
    ...output,
    parameters,
    logits: all,
    unseenLogits() {
      unseen ??= engine.hideEntries(all(), hidden);
      return unseen;
    },
    crossEntropy(labels) {
      // Logits that fit are shared with the other losses.
      return engine.scoresFit(batch, items.shape[0]!)
        ? engine.softmaxCrossEntropy(all(), labels)
        : engine.softmaxHeadLoss({ h: user, e: items, c: itemBias, labels });
    },
    scoresAt(ids) {
      const width = ids.length / batch;
      const products = tf.matMul(tf.reshape(rows(ids), [batch, width, d]), tf.reshape(user, [batch, d, 1]));
      const scores = tf.reshape(products, [batch, width]);
      return itemBias ? tf.add(scores, tf.reshape(biases(ids), [batch, width])) : scores;
    },
    scoresOf(ids) {
      const scores = tf.matMul(user, rows(ids), false, true);
      return itemBias ? tf.add(scores, tf.reshape(biases(ids), [1, ids.length])) : scores;
    },
  };
}
