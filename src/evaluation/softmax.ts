/** Scores with the exponentials of their softmax, taken once however many others are compared with them. */
export interface Softmax {
  scores: Float32Array;
  /** Factor on the scores. */
  scale: number;
  /** log sum exp of the scaled scores. */
  logSum: number;
  /** exp(scale * (score - max)), 0 where masked. */
  exponentials: Float32Array;
  /** Sum of the exponentials. */
  sum: number;
}

/** exp(-40) of the greatest is below the rounding error of the sum over any catalogue. */
const NEGLIGIBLE = -40;
const LN2 = Math.LN2;
/** 2^-k */
const POWERS = Float64Array.from({ length: 64 }, (_, k) => 2 ** -k);

/**
 * Sum of exp(scale * (score - max)) over the catalogue. Most of the time of an evaluation goes here, and Math.exp takes ten times
 * as long as this: 2^-k from a table times the series of exp on [-ln2/2, ln2/2] to the eighth power, right to 3e-10.
 *
 * @param max at least the greatest score; -Infinity marks masked items
 * @param out receives the exponentials when given
 */
export function sumExp(scores: Float32Array, max: number, out?: Float32Array, scale = 1): number {
  let sum = 0;
  for (let j = 0; j < scores.length; j++) {
    const x = scale * (scores[j]! - max);
    let e = 0;
    if (x > NEGLIGIBLE) {
      const k = (0.5 - x * Math.LOG2E) | 0;
      const t = x + k * LN2;
      // Powers in pairs: the processor computes them side by side, where a chain of products would have to wait.
      const t2 = t * t;
      const t4 = t2 * t2;
      const low = 1 + t + t2 * (1 / 2 + t * (1 / 6));
      const high = 1 / 24 + t * (1 / 120) + t2 * (1 / 720 + t * (1 / 5040)) + t4 * (1 / 40320);
      e = POWERS[k]! * (low + t4 * high);
      sum += e;
    }
    if (out !== undefined) out[j] = e;
  }
  return sum;
}

/** log sum exp of the scaled scores that are not masked. @param max the greatest score, before it is scaled */
export function logSumExp(scores: Float32Array, max = greatest(scores), scale = 1): number {
  return scale * max + Math.log(sumExp(scores, max, undefined, scale));
}

/** @param exponentials written to when given, so that nothing is allocated */
export function softmaxOf(
  scores: Float32Array,
  max = greatest(scores),
  exponentials: Float32Array = new Float32Array(scores.length),
  scale = 1,
): Softmax {
  const sum = sumExp(scores, max, exponentials, scale);
  return { scores, scale, logSum: scale * max + Math.log(sum), exponentials, sum };
}

/**
 * KL(p || softmax(scaleQ * q)) in nats; both have the same masked (-Infinity) items.
 * @param logSumQ log sum exp of the scaled scores
 */
export function klDivergence(
  p: Softmax,
  q: Float32Array,
  scaleQ = 1,
  logSumQ = logSumExp(q, undefined, scaleQ),
): number {
  const { scores, exponentials, scale } = p;
  let difference = 0;
  for (let j = 0; j < exponentials.length; j++) {
    const e = exponentials[j]!;
    if (e > 0) difference += e * (scale * scores[j]! - scaleQ * q[j]!);
  }
  return Math.max(0, difference / p.sum - p.logSum + logSumQ);
}

function greatest(scores: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < scores.length; j++) if (scores[j]! > max) max = scores[j]!;
  return max;
}
