import type { Context, Head, Scalar, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { product } from '../linalg/product.ts';
import type { SparseBatch } from '../sparse/batch.ts';
import { isSafe } from './softmax-head.ts';

/**
 * True when TensorFlow on a CPU multiplies the head faster with one row per item. It packs the transposed item matrix for every
 * product h·eᵀ, which with fewer rows than columns costs more than the product itself; e·hᵀ only packs the small side.
 */
export function isNarrow({ report }: Context, { h }: Head): boolean {
  return report.name === 'native' && h.shape[0]! < h.shape[1]!;
}

/**
 * softmaxHeadLoss for a batch with fewer rows than the layer is wide: scores stand as [N,B], and the labels are taken off the
 * scores' exponentials where they stand, since passes over [N,B] are cheaper here than over the items' gradient [N,d].
 */
export function narrowHeadLoss(
  context: Context,
  head: Head,
  labels: SparseBatch,
  rowWeights: Float32Array | undefined,
): Scalar {
  const { tf } = context;
  const { h, e, c } = head;
  const batch = h.shape[0]!;
  const sums = labels.rowSums();
  const rowOf = (value: (row: number) => number) =>
    tf.tensor2d(
      Float32Array.from({ length: batch }, (_, row) => value(row)),
      [1, batch],
    );
  const weight = (row: number) => rowWeights?.[row] ?? 1;
  const forward = (save: (tensors: Tensor[]) => void) => {
    const scores = shiftedScores(context, head);
    const exp = tf.exp(scores);
    const sum = tf.sum(exp, 0, true);
    const factor = rowOf((row) => sums[row]! * weight(row));
    const spread = tf.sum(tf.mul(tf.log(sum), factor));
    if (labels.source.indices.length === 0) {
      save([h, e, exp, tf.div(factor, sum)]);
      return tf.div(spread, batch);
    }
    const picked = tf.mul(pickTransposed(context, scores, labels), weighted(context, labels, rowOf(weight)));
    // With the row factors below, softmax times the row's sum less the labels.
    const share = tf.div(
      sum,
      rowOf((row) => sums[row]! || 1),
    );
    save([h, e, takeOff(context, exp, labels, weighted(context, labels, share)), tf.div(factor, sum)]);
    return tf.div(tf.sub(spread, tf.sum(picked)), batch);
  };
  const backward = (dy: Tensor, [savedH, savedE, matrix, ratio]: Tensor[]) => {
    const scale = () => tf.reshape(tf.mul(ratio!, tf.div(dy, batch)), [batch, 1]);
    return {
      h: () => tf.mul(product(context, matrix!, savedE!, true), scale()),
      e: () => product(context, matrix!, tf.mul(savedH!, scale())),
      c: () => tf.squeeze(product(context, matrix!, scale()), [1]),
    };
  };
  const inputs: Record<string, Tensor> = c ? { h, e, c } : { h, e };
  return differentiable(context, inputs, forward, backward) as Scalar;
}

/** e·hᵀ + c less each column's maximum where exp needs that, [N,B]. */
function shiftedScores(context: Context, { h, e, c }: Head): Tensor {
  const { tf } = context;
  const products = product(context, e, h, false, true);
  const scores = c ? tf.add(products, tf.expandDims(c, 1)) : products;
  const top = tf.max(scores, 0, true);
  return isSafe(top.dataSync() as Float32Array) ? scores : tf.sub(scores, top);
}

/** Each label times its row's entry of `rows` [1,B]; [nnz] in the order of labels.transposed(). */
function weighted({ native }: Context, labels: SparseBatch, rows: Tensor): Tensor {
  const { positions, values, shape } = labels.transposed();
  return native!.one(
    'SparseDenseCwiseMul',
    [native!.attr.type('T', 'float32')],
    [positions, values, shape!, rows],
  );
}

function pickTransposed({ native }: Context, scores: Tensor, labels: SparseBatch): Tensor {
  const attrs = [native!.attr.type('Tparams', 'float32'), native!.attr.type('Tindices', 'int64')];
  return native!.one('GatherNd', attrs, [scores, labels.transposed().positions]);
}

/** matrix [N,B] less `values` at the labels' places. */
function takeOff({ native }: Context, matrix: Tensor, labels: SparseBatch, values: Tensor): Tensor {
  const attrs = [native!.attr.type('T', 'float32'), native!.attr.type('Tindices', 'int64')];
  return native!.one('TensorScatterSub', attrs, [matrix, labels.transposed().positions, values]);
}
