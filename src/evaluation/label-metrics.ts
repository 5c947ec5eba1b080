/** Metrics of independent labels: of one entity from the scores of all labels, or from counts over many. */

/** F1 of all decisions together: 2 TP / (2 TP + FP + FN); NaN where nothing was there to be found and nothing was claimed. */
export function f1(hits: number, errors: number): number {
  return (2 * hits) / (2 * hits + errors);
}

/** Mean over labels of each one's F1, those that nobody has and nobody claimed left out (Yang, Information Retrieval 1999). */
export function macroF1(hits: ArrayLike<number>, errors: ArrayLike<number>): number {
  let sum = 0;
  let labels = 0;
  for (let l = 0; l < hits.length; l++) {
    const own = f1(hits[l]!, errors[l]!);
    if (Number.isNaN(own)) continue;
    sum += own;
    labels++;
  }
  return sum / labels;
}

/**
 * Share of the first k places that hold one of the entity's labels; among equal scores the wrong ones come first.
 * @param relevant labels of the entity, distinct
 */
export function labelPrecisionAt(scores: ArrayLike<number>, relevant: ArrayLike<number>, k: number): number {
  if (relevant.length === 0) return Number.NaN;
  const isRelevant = markOf(relevant, scores.length);
  const own = Array.from(relevant as ArrayLike<number>).sort((a, b) => scores[b]! - scores[a]!);
  let hits = 0;
  for (const [before, label] of own.entries()) {
    let wrong = 0;
    for (let l = 0; l < scores.length; l++) if (isRelevant[l] === 0 && scores[l]! >= scores[label]!) wrong++;
    if (wrong + before < k) hits++;
  }
  return hits / k;
}

/**
 * Label ranking average precision: for each label of the entity the share of its own among all that score as high or higher,
 * averaged (Schapire & Singer, Machine Learning 2000; with ties as scikit-learn's label_ranking_average_precision_score).
 */
export function rankingAveragePrecision(scores: ArrayLike<number>, relevant: ArrayLike<number>): number {
  if (relevant.length === 0) return Number.NaN;
  const isRelevant = markOf(relevant, scores.length);
  let sum = 0;
  for (let r = 0; r < relevant.length; r++) {
    const score = scores[relevant[r]!]!;
    let above = 0;
    let own = 0;
    for (let l = 0; l < scores.length; l++) {
      if (scores[l]! < score) continue;
      above++;
      own += isRelevant[l]!;
    }
    sum += own / above;
  }
  return sum / relevant.length;
}

/**
 * Average precision of all decisions together: precision at each score that is given, weighed by the recall that it adds. Equal
 * scores are one step (as scikit-learn's average_precision_score with average='micro').
 *
 * @param truth 1 where it is so
 */
export function averagePrecision(scores: Float32Array, truth: Uint8Array): number {
  const order = Int32Array.from(scores, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const all = truth.reduce((sum, one) => sum + one, 0);
  let [sum, hits, before] = [0, 0, 0];
  for (let i = 0; i < order.length; i++) {
    hits += truth[order[i]!]!;
    if (i + 1 < order.length && scores[order[i + 1]!] === scores[order[i]!]) continue;
    sum += ((hits - before) * hits) / (i + 1);
    before = hits;
  }
  return sum / all;
}

/** Probabilities in equally wide bins, with how often they came true. */
export interface CalibrationBins {
  count: Float64Array;
  /** Sums of the probabilities. */
  expected: Float64Array;
  happened: Float64Array;
}

const BINS = 15;

export function emptyBins(): CalibrationBins {
  const column = () => new Float64Array(BINS);
  return { count: column(), expected: column(), happened: column() };
}

export function addToBins(bins: CalibrationBins, probability: number, happened: boolean): void {
  const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
  bins.count[bin]!++;
  bins.expected[bin]! += probability;
  if (happened) bins.happened[bin]!++;
}

/**
 * Expected calibration error: how far, on average, probabilities are from how often they come true, bin by bin (Naeini, Cooper &
 * Hauskrecht, AAAI 2015; 15 bins as in Guo et al., ICML 2017).
 */
export function calibrationError({ count, expected, happened }: CalibrationBins): number {
  let apart = 0;
  let all = 0;
  for (let b = 0; b < BINS; b++) {
    apart += Math.abs(expected[b]! - happened[b]!);
    all += count[b]!;
  }
  return apart / all;
}

function markOf(labels: ArrayLike<number>, length: number): Uint8Array {
  const mark = new Uint8Array(length);
  for (let i = 0; i < labels.length; i++) mark[labels[i]!] = 1;
  return mark;
}
