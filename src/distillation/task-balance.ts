import type { TaskBalance } from '../domain/tasks/tasks-spec.ts';
import type { NamedInitial } from '../student/network.ts';
import type { Engine, Scalar } from '../tensor/engine.ts';
import type { NamedTensors } from '../tensor/train/parameters.ts';

const VARIANCES = 'tasks.logVariance';

export function balanceParameters(balance: TaskBalance, tasks: number): NamedInitial {
  return balance === 'uncertainty'
    ? { [VARIANCES]: { shape: [tasks], values: new Float32Array(tasks) } }
    : {};
}

/**
 * One loss out of the tasks' own. With 'uncertainty' each is divided by a variance that is learned beside it, s_t = log
 * variance: sum_t w_t (exp(-s_t) L_t + s_t / 2) (Kendall, Gal & Cipolla, CVPR 2018, section 3.2).
 * @param losses of the tasks in this batch, with their places among all
 */
export function balanced(
  { tf }: Engine,
  losses: readonly { task: number; loss: Scalar }[],
  weights: readonly number[],
  p: NamedTensors,
): Scalar {
  const variances = p[VARIANCES];
  const shares = losses.map(({ task, loss }) => {
    if (!variances) return tf.mul(loss, weights[task]!);
    const s = tf.reshape(tf.slice(variances, [task], [1]), []);
    return tf.mul(tf.add(tf.mul(loss, tf.exp(tf.neg(s))), tf.div(s, 2)), weights[task]!);
  });
  return tf.addN(shares) as Scalar;
}

/** Fixed weights that sum to 1. */
export function sharesOf(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Weights by which each task's gradient has the norm that its share says: w_t / |g_t|, summing to 1. GradNorm (Chen et al.,
 * ICML 2018) with alpha = 0, and set instead of learned; the gradients are those at the shared user vectors (as Sener &
 * Koltun, NeurIPS 2018, section 3.3, measure them), which cost no pass through the item matrix of the history.
 * @param norms of the tasks; a task without a gradient keeps its share
 */
export function byGradients(shares: readonly number[], norms: readonly (number | null)[]): number[] {
  const known = norms.filter((norm): norm is number => norm !== null && norm > 0);
  if (known.length === 0) return [...shares];
  const mean = known.reduce((sum, norm) => sum + norm, 0) / known.length;
  return sharesOf(shares.map((share, task) => (share * mean) / (norms[task] || mean)));
}
