import { problem } from '../../core/errors.ts';
import type { Context, Scalar, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { gatherRows, linearScores } from '../linalg/dense.ts';
import { product } from '../linalg/product.ts';
import type { SparseBatch } from '../sparse/batch.ts';
import { sparseMatMul, sparseMatMulTransposed } from '../sparse/products.ts';
import { checkWeights, softmaxCrossEntropy } from './losses.ts';
import { isNarrow, narrowHeadLoss } from './narrow-softmax.ts';

export interface SoftmaxHead {
  /** [B,d] */
  h: Tensor;
  /** [N,d] */
  e: Tensor;
  /** [N] */
  c?: Tensor;
  /** [B,N] */
  labels: SparseBatch;
}

export interface ChunkOptions {
  /** Largest size of all score buffers together; default: the engine's budget. */
  memoryMiB?: number;
  rowWeights?: Float32Array;
}

/** Score buffers alive at once: the product, its shifted copy, its exponential, and room for the bias. */
const BUFFERS = 4;

/**
 * softmaxCrossEntropy(linearScores(h, e, c), labels) for catalogues of any size. Scores that do not fit `memoryMiB` are taken in
 * chunks of items, once for the log-sum-exp and once for the gradients, so that no more than that of them ever exist. The second
 * pass multiplies the scores again (Chen et al. 2016 trade time for memory in the same way).
 */
export function softmaxHeadLoss(context: Context, head: SoftmaxHead, options: ChunkOptions = {}): Scalar {
  const { h, e, c, labels } = head;
  const [batch, width] = h.shape as [number, number];
  if (e.shape[1] !== width || labels.rows !== batch || labels.columns !== e.shape[0]) {
    throw problem(
      'invalid-training-input',
      `softmaxHeadLoss: h is [${h.shape}], e [${e.shape}], labels [${labels.rows},${labels.columns}]`,
    );
  }
  checkWeights(options.rowWeights, batch);
  const { tf } = context;
  const chunk = chunkSize(batch, e.shape[0]!, options.memoryMiB ?? context.memoryMiB);
  // One pass less over the scores where they all fit.
  if (chunk === e.shape[0]) {
    if (isNarrow(context, head)) return narrowHeadLoss(context, head, labels, options.rowWeights);
    return softmaxCrossEntropy(context, linearScores(context, h, e, c), labels, options);
  }
  const wantsGradient = (tf.engine() as unknown as { isTapeOn(): boolean }).isTapeOn();
  const weights = options.rowWeights ?? new Float32Array(batch).fill(1);
  const inputs: Record<string, Tensor> = c ? { h, e, c } : { h, e };
  const forward = (save: (tensors: Tensor[]) => void) => {
    const lse = logSumExp(context, head, chunk);
    const q = tf.tensor2d(weights, [batch, 1]);
    const total = tf.mul(tf.tensor2d(labels.rowSums(), [batch, 1]), q);
    const labelRows = sparseMatMul(context, labels, e);
    let picked = tf.sum(tf.mul(tf.sum(tf.mul(h, labelRows), 1, true), q));
    if (c) picked = tf.add(picked, tf.sum(tf.mul(sparseMatMul(context, labels, tf.expandDims(c, 1)), q)));
    if (wantsGradient) save(headGradients(context, head, chunk, lse, total, q, labelRows));
    return tf.div(tf.sub(tf.sum(tf.mul(total, lse)), picked), batch);
  };
  return differentiable(context, inputs, forward, (dy, [dh, de, dc]) => {
    const scale = tf.div(dy, batch);
    return {
      h: () => tf.mul(dh!, scale),
      e: () => tf.mul(de!, scale),
      c: () => tf.mul(dc!, scale),
    };
  }) as Scalar;
}

/** True when all scores of a batch keep within the engine's budget, so that softmaxHeadLoss would not take chunks. */
export function scoresFit(context: Context, batch: number, items: number): boolean {
  return chunkSize(batch, items, context.memoryMiB) === items;
}

function chunkSize(batch: number, items: number, memoryMiB: number): number {
  const chunk = Math.floor((memoryMiB * 2 ** 20) / (batch * 4 * BUFFERS));
  if (chunk < 1) {
    throw problem(
      'out-of-memory',
      `a budget of ${memoryMiB} MiB does not hold one column of scores for a batch of ${batch}; raise TENSOR_MEMORY_MIB or lower the batch size`,
    );
  }
  return Math.min(items, chunk);
}

/** Scores of the items from..from+count, [B,count]. */
function chunkScores(context: Context, { h, e, c }: SoftmaxHead, from: number, count: number): Tensor {
  const { tf } = context;
  const scores = product(context, h, tf.slice(e, [from, 0], [count, e.shape[1]!]), false, true);
  return c ? tf.add(scores, tf.slice(c, [from], [count])) : scores;
}

/** log sum_j exp(z_ij) over all items, [B,1], with a running maximum. */
function logSumExp(context: Context, head: SoftmaxHead, chunk: number): Tensor {
  const { tf } = context;
  const items = head.e.shape[0]!;
  let state: [Tensor, Tensor] | undefined;
  for (let from = 0; from < items; from += chunk) {
    const previous = state;
    state = tf.tidy((): [Tensor, Tensor] => {
      const scores = chunkScores(context, head, from, Math.min(chunk, items - from));
      const top = tf.max(scores, 1, true);
      const maximum = previous ? tf.maximum(previous[0], top) : top;
      const sum = tf.sum(tf.exp(tf.sub(scores, maximum)), 1, true);
      const carried = previous ? tf.mul(previous[1], tf.exp(tf.sub(previous[0], maximum))) : tf.scalar(0);
      return [maximum, tf.add(sum, carried)];
    });
    tf.dispose(previous ?? []);
  }
  return tf.add(state![0], tf.log(state![1]));
}

/** Gradients of the summed loss with respect to h, e and c. */
function headGradients(
  context: Context,
  head: SoftmaxHead,
  chunk: number,
  lse: Tensor,
  total: Tensor,
  q: Tensor,
  labelRows: Tensor,
): Tensor[] {
  const { tf } = context;
  const { h, e, c, labels } = head;
  const items = e.shape[0]!;
  const weighted = tf.mul(h, total);
  let dh: Tensor = tf.neg(tf.mul(labelRows, q));
  const de: Tensor[] = [];
  const dc: Tensor[] = [];
  for (let from = 0; from < items; from += chunk) {
    const count = Math.min(chunk, items - from);
    const [nextDh, chunkDe, chunkDc] = tf.tidy((): [Tensor, Tensor, Tensor] => {
      const p = tf.exp(tf.sub(chunkScores(context, head, from, count), lse));
      const rows = product(context, p, tf.slice(e, [from, 0], [count, e.shape[1]!]));
      const bias = c ? tf.squeeze(product(context, p, total, true), [1]) : tf.scalar(0);
      return [tf.add(dh, tf.mul(rows, total)), product(context, p, weighted, true), bias];
    });
    dh.dispose();
    dh = nextDh;
    de.push(chunkDe);
    dc.push(chunkDc);
  }
  const join = (parts: Tensor[]) => {
    if (parts.length === 1) return parts[0]!;
    const whole = tf.concat(parts);
    tf.dispose(parts);
    return whole;
  };
  const gradients = [dh, tf.sub(join(de), sparseMatMulTransposed(context, labels, tf.mul(h, q)))];
  if (c) gradients.push(tf.sub(join(dc), tf.squeeze(sparseMatMulTransposed(context, labels, q), [1])));
  return gradients;
}

export interface SampledHead {
  /** [B,d] */
  h: Tensor;
  /** [N,d]; a parameter of the running step gets row-sparse updates. */
  e: Tensor;
  /** One item per row, [B]. */
  positives: Int32Array;
  /** Sampled items, shared by all rows, [S]. */
  negatives: Int32Array;
  /** log of each item's expected number of draws among the negatives, [N]; the natural log. Positives are always there. */
  logQ: Float32Array;
}

/**
 * Softmax over each row's positive and the shared negatives, whose scores are less log Q so that each stands for as many items
 * as it was drawn for, and the gradient estimates that of the full softmax (Bengio & Senécal 2008; for recommenders Yi et al.
 * 2019, section 4). A negative that is the row's own positive does not count.
 */
export function sampledSoftmaxLoss(context: Context, head: SampledHead): Scalar {
  const { h, e, positives, negatives, logQ } = head;
  const { tf } = context;
  const batch = h.shape[0]!;
  if (positives.length !== batch || logQ.length !== e.shape[0] || negatives.length === 0) {
    throw problem(
      'invalid-training-input',
      `sampledSoftmaxLoss: ${batch} rows need as many positives (${positives.length}), at least one negative (${negatives.length}) and one logQ per item (${logQ.length} for ${e.shape[0]})`,
    );
  }
  const ids = new Int32Array(batch + negatives.length);
  ids.set(positives);
  ids.set(negatives, batch);
  const rows = gatherRows(context, e, ids);
  const width = e.shape[1]!;
  const own = tf.sum(tf.mul(h, tf.slice(rows, [0, 0], [batch, width])), 1, true);
  const others = tf.matMul(h, tf.slice(rows, [batch, 0], [negatives.length, width]), false, true);
  const logits = tf.sub(
    tf.concat([own, others], 1),
    tf.tensor2d(corrections(head), [batch, negatives.length + 1]),
  );
  // The positive stands in the first column of every row.
  const labels = new Float32Array(batch * (negatives.length + 1));
  for (let row = 0; row < batch; row++) labels[row * (negatives.length + 1)] = 1;
  return softmaxCrossEntropy(context, logits, tf.tensor2d(labels, [batch, negatives.length + 1]));
}

/** Numbers to subtract from [B,1+S] scores: log Q, and for accidental hits enough to make them vanish. */
function corrections({ positives, negatives, logQ }: SampledHead): Float32Array {
  const columns = negatives.length + 1;
  const one = Float32Array.of(0, ...Array.from(negatives, (item) => logQ[item]!));
  const places = new Map<number, number[]>();
  negatives.forEach((item, s) => void places.set(item, [...(places.get(item) ?? []), s + 1]));
  const out = new Float32Array(positives.length * columns);
  positives.forEach((positive, row) => {
    out.set(one, row * columns);
    for (const at of places.get(positive) ?? []) out[row * columns + at] = 1e30;
  });
  return out;
}
