import { problem } from '../core/errors.ts';
import type { Context, Scalar, Tensor } from './context.ts';
import { differentiable } from './differentiable.ts';
import { isSparse, type SparseBatch, toDense } from './sparse.ts';

export interface CrossEntropyOptions {
  /** One factor per row, >= 0, [B]. The mean still divides by B. */
  rowWeights?: Float32Array;
}

/**
 * Mean over the batch of -sum_j y_ij log softmax(z_i)_j.
 *
 * @param logits [B,N]
 * @param labels dense [B,N] with rows that sum to one, or sparse with any non-negative row sums (a row of sum s counts s times)
 */
export function softmaxCrossEntropy(
  context: Context,
  logits: Tensor,
  labels: Tensor | SparseBatch,
  options: CrossEntropyOptions = {},
): Scalar {
  checkLabels(logits, labels);
  const [batch] = logits.shape as [number, number];
  checkWeights(options.rowWeights, batch);
  const { tf } = context;
  const weights = rowFactors(labels, options.rowWeights, batch);
  return differentiable(
    context,
    { logits },
    (save) => {
      const target = isSparse(labels) ? normalisedDense(context, labels) : labels;
      const [losses, gradient] = crossEntropyRows(context, logits, target);
      save(weights ? [gradient, tf.tensor2d(weights, [batch, 1])] : [gradient]);
      return weights ? tf.div(tf.sum(tf.mul(losses, tf.tensor1d(weights))), batch) : tf.mean(losses);
    },
    (dy, saved) => ({ logits: () => scaleRows(context, saved[0]!, dy, batch, saved[1]) }),
  ) as Scalar;
}

export interface KlOptions {
  /** tau > 0; the gradient is kept comparable by the factor tau^2. */
  temperature: number;
  /** A weight per user and item, >= 0, [B,N]; without it this is the plain divergence. */
  pairWeights?: Tensor;
  /** What the teacher tensor holds; default 'logits'. Probabilities are taken as they are: the caller has applied the temperature. */
  teacher?: 'logits' | 'probabilities';
}

/**
 * tau^2 * sum_j w_ij p_ij log(p_ij / q_ij), mean over the batch, with p = softmax(teacher / tau) and q = softmax(logits / tau)
 * (Hinton, Vinyals & Dean 2015, section 2; the pair weights are this project's). No gradient flows to the teacher.
 *
 * @param logits the student's scores [B,N]
 * @param teacher [B,N]
 */
export function softKl(context: Context, logits: Tensor, teacher: Tensor, options: KlOptions): Scalar {
  const { temperature, pairWeights } = options;
  checkTemperature(temperature);
  checkSameShape('softKl', logits, teacher);
  if (pairWeights) checkSameShape('softKl pair weights', logits, pairWeights);
  const { tf } = context;
  const [batch] = logits.shape as [number, number];
  return differentiable(
    context,
    { logits },
    (save) => {
      const p =
        options.teacher === 'probabilities' ? teacher : tf.softmax(divided(context, teacher, temperature));
      const student = divided(context, logits, temperature);
      const plogp = tf.mul(p, tf.log(tf.maximum(p, 1e-37)));
      if (!pairWeights) {
        const [losses, gradient] = crossEntropyRows(context, student, p);
        save([gradient]);
        return tf.mul(tf.div(tf.add(tf.sum(losses), tf.sum(plogp)), batch), temperature ** 2);
      }
      // With weights the "labels" a = w p no longer sum to one: loss = A * CE(q, a / A), A = sum_j a_j.
      const a = tf.mul(pairWeights, p);
      const total = tf.sum(a, 1, true);
      const [losses, gradient] = crossEntropyRows(context, student, tf.divNoNan(a, total));
      save([gradient, total]);
      const cross = tf.sum(tf.mul(losses, tf.squeeze(total, [1])));
      return tf.mul(tf.div(tf.add(cross, tf.sum(tf.mul(pairWeights, plogp))), batch), temperature ** 2);
    },
    (dy, saved) => ({
      logits: () => scaleRows(context, saved[0]!, tf.mul(dy, temperature), batch, saved[1]),
    }),
  ) as Scalar;
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

/** Cross-entropy of every row and its gradient softmax(z) - y, in one pass on native: [B], [B,N]. */
export function crossEntropyRows({ tf, native }: Context, logits: Tensor, labels: Tensor): [Tensor, Tensor] {
  if (native) {
    const attrs = [native.attr.type('T', 'float32')];
    return native.run('SoftmaxCrossEntropyWithLogits', attrs, [logits, labels], 2) as [Tensor, Tensor];
  }
  const logP = tf.logSoftmax(logits);
  return [tf.neg(tf.sum(tf.mul(labels, logP), 1)), tf.sub(tf.exp(logP), labels)];
}

export function checkTemperature(temperature: number): void {
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

function divided({ tf }: Context, logits: Tensor, temperature: number): Tensor {
  return temperature === 1 ? logits : tf.mul(logits, 1 / temperature);
}

/** Row sums of sparse labels times the caller's weights; undefined when every factor is one. */
function rowFactors(
  labels: Tensor | SparseBatch,
  weights: Float32Array | undefined,
  batch: number,
): Float32Array | undefined {
  const sums = isSparse(labels) ? labels.rowSums() : undefined;
  const plain = !sums || sums.every((sum) => Math.abs(sum - 1) < 1e-6);
  if (plain) return weights;
  const factors = new Float32Array(batch);
  for (let row = 0; row < batch; row++) factors[row] = sums[row]! * (weights?.[row] ?? 1);
  return factors;
}

function normalisedDense(context: Context, labels: SparseBatch): Tensor {
  const dense = toDense(context, labels);
  const sums = labels.rowSums();
  if (sums.every((sum) => Math.abs(sum - 1) < 1e-6)) return dense;
  const inverse = sums.map((sum) => (sum === 0 ? 0 : 1 / sum));
  return context.tf.mul(dense, context.tf.tensor2d(inverse, [labels.rows, 1]));
}

/** gradient * dy / batch, times a factor per row [B,1] if given; the factors are folded before the one large product. */
function scaleRows({ tf }: Context, gradient: Tensor, dy: Tensor, batch: number, rows?: Tensor): Tensor {
  const scale = tf.div(dy, batch);
  return tf.mul(gradient, rows ? tf.mul(rows, scale) : scale);
}
