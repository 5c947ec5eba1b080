import { problem } from '../../core/errors.ts';
import type { Context, Scalar, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { isSparse, type SparseBatch } from '../sparse/batch.ts';
import { pick, sparseMatMul, sparseMatMulTransposed, toDense } from '../sparse/products.ts';
import { expRows, logitLoss, type SparseTerm } from './softmax-head.ts';

export interface CrossEntropyOptions {
  /** One factor per row, >= 0, [B]. The mean still divides by B. */
  rowWeights?: Float32Array;
}

/**
 * Mean over the batch of -sum_j y_ij log softmax(z_i)_j. Label rows may have any sum >= 0: a row of sum s counts s times.
 *
 * @param logits [B,N]; straight from linearScores the gradient is cheapest
 * @param labels [B,N], dense or sparse
 */
export function softmaxCrossEntropy(
  context: Context,
  logits: Tensor,
  labels: Tensor | SparseBatch,
  options: CrossEntropyOptions = {},
): Scalar {
  checkLabels(logits, labels);
  checkWeights(options.rowWeights, logits.shape[0]!);
  const { rowWeights } = options;
  const loss = isSparse(labels)
    ? sparseCrossEntropy(context, logits, labels, rowWeights)
    : denseCrossEntropy(context, logits, labels, rowWeights);
  return loss as Scalar;
}

function sparseCrossEntropy(
  context: Context,
  logits: Tensor,
  labels: SparseBatch,
  weights?: Float32Array,
): Tensor {
  const { tf } = context;
  const [batch] = logits.shape as [number, number];
  const sums = labels.rowSums();
  const factors = Float32Array.from({ length: batch }, (_, row) => sums[row]! * (weights?.[row] ?? 1));
  return logitLoss(
    context,
    logits,
    (save) => {
      const { shifted, exp, sum } = expRows(context, logits);
      const factor = tf.tensor2d(factors, [batch, 1]);
      const spread = tf.sum(tf.mul(tf.log(sum), factor));
      const loss = tf.div(tf.sub(spread, weightedPick(context, shifted, labels, weights)), batch);
      save([exp, tf.div(factor, sum)]);
      return loss;
    },
    (dy, [exp, ratio]) => {
      const scale = tf.div(dy, batch);
      const rows = weights ? tf.mul(tf.tensor2d(weights, [batch, 1]), scale) : scale;
      return { matrix: exp!, scale: tf.mul(ratio!, scale), labels: labelTerm(context, labels, rows) };
    },
  );
}

/** The part of the gradient that comes from sparse labels, diag(rows)·Y; `rows` is a scalar or [B,1]. */
function labelTerm(context: Context, labels: SparseBatch, rows: Tensor): SparseTerm {
  const { tf } = context;
  return {
    times: (e) => tf.mul(sparseMatMul(context, labels, e), rows),
    transposedTimes: (h) => sparseMatMulTransposed(context, labels, tf.mul(h, rows)),
    dense: () => tf.mul(toDense(context, labels), rows),
  };
}

/** sum_ij w_i y_ij z_ij over the stored labels. */
function weightedPick(context: Context, scores: Tensor, labels: SparseBatch, weights?: Float32Array): Tensor {
  const { tf } = context;
  if (labels.source.indices.length === 0) return tf.scalar(0);
  const { values } = labels.parts();
  const picked = tf.mul(pick(context, scores, labels), values);
  if (!weights) return tf.sum(picked);
  const { indptr, indices } = labels.source;
  const spread = new Float32Array(indices.length);
  for (let row = 0; row < labels.rows; row++) spread.fill(weights[row]!, indptr[row]!, indptr[row + 1]!);
  return tf.sum(tf.mul(picked, tf.tensor1d(spread)));
}

function denseCrossEntropy(context: Context, logits: Tensor, labels: Tensor, weights?: Float32Array): Tensor {
  const { tf } = context;
  const [batch] = logits.shape as [number, number];
  const factor = () => (weights ? tf.tensor2d(weights, [batch, 1]) : tf.scalar(1));
  return logitLoss(
    context,
    logits,
    (save) => {
      const { shifted, exp, sum } = expRows(context, logits);
      const total = tf.sum(labels, 1, true);
      save([tf.sub(tf.mul(exp, tf.div(total, sum)), labels)]);
      const rows = tf.sub(tf.mul(total, tf.log(sum)), tf.sum(tf.mul(labels, shifted), 1, true));
      return tf.div(tf.sum(tf.mul(rows, factor())), batch);
    },
    (dy, [matrix]) => ({ matrix: matrix!, scale: tf.mul(tf.div(dy, batch), factor()) }),
  );
}

export interface KlOptions {
  /** tau > 0; the gradient is kept comparable by the factor tau^2. */
  temperature: number;
  /** A weight per user and item, >= 0, [B,N]; without it this is the plain divergence. */
  pairWeights?: Tensor;
  /**
   * Form of the teacher's tensor: 'logits' (default), 'tempered' logits that are already divided by the temperature, which is
   * cheapest done on the hidden layer, or 'probabilities' after the temperature.
   */
  teacher?: 'logits' | 'tempered' | 'probabilities';
}

/**
 * tau^2 * sum_j w_ij p_ij log(p_ij / q_ij), mean over the batch, with p = softmax(teacher / tau) and q = softmax(logits / tau)
 * (Hinton, Vinyals & Dean 2015, section 2; the pair weights are this project's). No gradient flows to the teacher.
 *
 * @param logits the student's scores [B,N]; straight from linearScores the gradient is cheapest
 * @param teacher [B,N]
 */
export function softKl(context: Context, logits: Tensor, teacher: Tensor, options: KlOptions): Scalar {
  const { temperature, pairWeights } = options;
  checkTemperature(temperature);
  checkSameShape('softKl', logits, teacher);
  if (pairWeights) checkSameShape('softKl pair weights', logits, pairWeights);
  const { tf } = context;
  const [batch] = logits.shape as [number, number];
  return logitLoss(
    context,
    logits,
    (save) => {
      const student = expRows(context, logits, temperature);
      const target = teacherRows(context, teacher, options);
      // d/dz of the sum over j is (A q - a) with a = w p and A its row sum; a = matrix * target.scale here.
      const a = pairWeights ? tf.mul(target.matrix, pairWeights) : target.matrix;
      const total = pairWeights ? tf.sum(a, 1, true) : target.sum;
      save([tf.sub(tf.mul(student.exp, tf.div(total, student.sum)), a), target.scale]);
      const apart = tf.sum(tf.mul(a, tf.sub(target.logP, student.shifted)), 1, true);
      const rows = tf.add(apart, tf.mul(total, tf.sub(tf.log(student.sum), target.logScale)));
      return tf.mul(tf.sum(tf.mul(rows, target.scale)), temperature ** 2 / batch);
    },
    (dy, [matrix, scale]) => ({ matrix: matrix!, scale: tf.mul(scale!, tf.mul(dy, temperature / batch)) }),
  ) as Scalar;
}

/** Teacher probabilities as matrix * scale with log p = logP - logScale; `sum` is the matrix's row sum. [B,N] and [B,1]. */
function teacherRows(context: Context, teacher: Tensor, { temperature, teacher: kind }: KlOptions) {
  const { tf } = context;
  if (kind === 'probabilities') {
    const logP = tf.log(tf.maximum(teacher, 1e-37));
    return {
      matrix: teacher,
      scale: tf.scalar(1),
      sum: tf.sum(teacher, 1, true),
      logP,
      logScale: tf.scalar(0),
    };
  }
  const { shifted, exp, sum } = expRows(context, teacher, kind === 'tempered' ? 1 : temperature);
  return { matrix: exp, scale: tf.div(1, sum), sum, logP: shifted, logScale: tf.log(sum) };
}

/** Mean over the batch of the summed Bernoulli cross-entropies of sigmoid(logits) [B,N] against labels [B,N] in 0..1. */
export function sigmoidCrossEntropy(context: Context, logits: Tensor, labels: Tensor | SparseBatch): Scalar {
  checkLabels(logits, labels);
  const { tf } = context;
  const [batch] = logits.shape as [number, number];
  return differentiable(
    context,
    { logits },
    (save) => {
      const target = isSparse(labels) ? toDense(context, labels) : labels;
      save([logits, target]);
      return tf.div(tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, target))), batch);
    },
    (dy, saved) => ({
      logits: () => tf.mul(tf.sub(tf.sigmoid(saved[0]!), saved[1]!), tf.div(dy, batch)),
    }),
  ) as Scalar;
}

function checkTemperature(temperature: number): void {
  if (!(temperature > 0) || !Number.isFinite(temperature)) {
    throw problem(
      'invalid-training-input',
      `temperature is ${temperature}; it must be a finite number above 0`,
    );
  }
}

export function checkWeights(weights: Float32Array | undefined, batch: number): void {
  if (!weights) return;
  if (weights.length !== batch) {
    throw problem('invalid-training-input', `rowWeights has ${weights.length} entries for ${batch} rows`);
  }
  const bad = weights.findIndex((weight) => !(weight >= 0) || weight === Number.POSITIVE_INFINITY);
  if (bad >= 0) {
    throw problem(
      'invalid-training-input',
      `rowWeights[${bad}] is ${weights[bad]}; weights are finite and >= 0`,
    );
  }
}

function checkLabels(logits: Tensor, labels: Tensor | SparseBatch): void {
  const [rows, columns] = isSparse(labels) ? [labels.rows, labels.columns] : labels.shape;
  if (logits.rank !== 2 || logits.shape[0] !== rows || logits.shape[1] !== columns) {
    throw problem('invalid-training-input', `logits are [${logits.shape}] and labels [${rows},${columns}]`);
  }
}

function checkSameShape(what: string, a: Tensor, b: Tensor): void {
  if (a.shape.join() !== b.shape.join()) {
    throw problem('invalid-training-input', `${what}: shapes [${a.shape}] and [${b.shape}] differ`);
  }
}
