import type { Csr } from '../dataset/matrix.ts';

/** p = sigmoid(scale * logit + shift) */
export interface Calibration {
  scale: number;
  shift: number;
}

export const UNCALIBRATED: Calibration = { scale: 1, shift: 0 };

const STEPS = 100;
const HALVINGS = 30;

/**
 * Platt scaling of all labels together: the scale and shift under which the labels are most likely, by Newton's method with steps
 * that are halved until they help (Platt 1999; Lin, Lin & Weng, Machine Learning 2007). As there, truth counts as a little less than
 * 1 and its absence as a little more than 0, so that labels that are told apart without a mistake do not become certainties. Where
 * it gives no rising map, as for logits that say nothing, nothing changes.
 *
 * @param logits of decisions, @param truth 1 where it is so
 */
export function calibrate(logits: Float32Array, truth: Uint8Array): Calibration {
  const trues = truth.reduce((sum, one) => sum + one, 0);
  const [yes, no] = [(trues + 1) / (trues + 2), 1 / (truth.length - trues + 2)];
  const wanted = Float64Array.from(truth, (one) => (one === 1 ? yes : no));
  let now = UNCALIBRATED;
  let loss = logLoss(logits, wanted, now);
  for (let step = 0; step < STEPS; step++) {
    const next = newtonStep(logits, wanted, now, loss);
    if (!next || loss - next.loss < 1e-10 * Math.abs(loss)) break;
    ({ loss, ...now } = next);
  }
  return now.scale > 0 ? now : UNCALIBRATED;
}

/** Undefined where no step helps. */
function newtonStep(
  logits: Float32Array,
  wanted: Float64Array,
  { scale, shift }: Calibration,
  loss: number,
): (Calibration & { loss: number }) | undefined {
  // A little on the diagonal: there is always a solution.
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!;
    const p = sigmoid(scale * z + shift);
    const [error, spread] = [p - wanted[i]!, p * (1 - p)];
    g0 += error * z;
    g1 += error;
    h00 += spread * z * z;
    h01 += spread * z;
    h11 += spread;
  }
  const determinant = h00 * h11 - h01 * h01;
  const [byScale, byShift] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const share = 0.5 ** halving;
    const tried = { scale: scale - share * byScale, shift: shift - share * byShift };
    const after = logLoss(logits, wanted, tried);
    if (after < loss) return { ...tried, loss: after };
  }
  return undefined;
}

/** Cross-entropy in nats, summed. @param wanted probabilities, or 0 and 1 */
export function logLoss(
  logits: Float32Array,
  wanted: ArrayLike<number>,
  { scale, shift }: Calibration,
): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const f = scale * logits[i]! + shift;
    sum += Math.max(f, 0) + Math.log1p(Math.exp(-Math.abs(f))) - wanted[i]! * f;
  }
  return sum;
}

export function probabilities(logits: Float32Array, { scale, shift }: Calibration): Float32Array {
  return logits.map((z) => sigmoid(scale * z + shift));
}

/** Entities with a label, below which its own threshold would be guessed. */
const ENOUGH = 10;

/**
 * Probabilities from which on labels are predicted, [labels]: one for all that gives the greatest F1 over all decisions, then for
 * each label that enough have its own, half way from the common one to the one that is best for it.
 *
 * @param values [rows, labels] row-major @param known [rows, labels]
 */
export function chooseThresholds(values: Float32Array, known: Csr): Float32Array {
  const { rows, columns: labels } = known;
  const truth = denseLabels(known);
  const common = bestThreshold(values, truth);
  const thresholds = new Float32Array(labels).fill(common);
  for (let l = 0; l < labels; l++) {
    const [own, has] = [new Float32Array(rows), new Uint8Array(rows)];
    for (let r = 0; r < rows; r++) {
      own[r] = values[r * labels + l]!;
      has[r] = truth[r * labels + l]!;
    }
    if (has.reduce((sum, one) => sum + one, 0) < ENOUGH) continue;
    thresholds[l] = (common + bestThreshold(own, has)) / 2;
  }
  return thresholds;
}

/** The middle between the two values that the greatest F1 lies between; 0.5 where nothing is true. */
export function bestThreshold(values: Float32Array, truth: Uint8Array): number {
  const order = Int32Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const all = truth.reduce((sum, one) => sum + one, 0);
  let [best, threshold, hits] = [0, 0.5, 0];
  for (let i = 0; i < order.length; i++) {
    hits += truth[order[i]!]!;
    const [value, next] = [values[order[i]!]!, values[order[i + 1] ?? -1] ?? 0];
    // Equal ones are predicted together or not at all.
    if (next === value && i + 1 < order.length) continue;
    const f1 = (2 * hits) / (i + 1 + all);
    if (f1 <= best) continue;
    best = f1;
    threshold = (value + next) / 2;
  }
  return threshold;
}

/** [rows, labels] row-major, 1 where the row has the label. */
export function denseLabels({ rows, columns, indptr, indices }: Csr): Uint8Array {
  const dense = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let p = indptr[r]!; p < indptr[r + 1]!; p++) dense[r * columns + indices[p]!] = 1;
  }
  return dense;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
