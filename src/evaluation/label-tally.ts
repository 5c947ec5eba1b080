import { type Csr, rowItems } from '../dataset/matrix.ts';
import type { Measured, MeasuredByName } from '../domain/reports/measured.ts';
import { type Resampling, statistic } from './bootstrap.ts';
import type { Pairing } from './comparison.ts';
import {
  addToBins,
  type CalibrationBins,
  calibrationError,
  emptyBins,
  f1,
  labelPrecisionAt,
  macroF1,
  rankingAveragePrecision,
} from './label-metrics.ts';
import { joinColumns } from './seeds.ts';

/** All that one predictor says of the entities of the test. */
export interface LabelOutcome {
  /** [entities] each: decisions that were right, and those that were wrong. */
  hits: Float64Array;
  wrong: Float64Array;
  missed: Float64Array;
  /** [entities] NaN for one without labels. */
  lrap: Float64Array;
  /** [entities] by place. */
  precision: Map<number, Float64Array>;
  /** [entities] Mean over labels of -log of what was said of the truth. */
  logLoss: Float64Array;
  /** [labels] */
  byLabel: { hits: Float64Array; wrong: Float64Array; missed: Float64Array };
  bins: CalibrationBins;
}

/** Probabilities of 0 and 1 that are wrong would cost infinitely much. */
const LEAST = 1e-7;

/**
 * @param said [rows, labels] probabilities, row-major; below 0 where there is nothing to decide
 * @param thresholds [labels] from which on a label is predicted
 * @param known [rows, labels]
 */
export function tallyLabels(
  said: Float32Array,
  thresholds: Float32Array,
  known: Csr,
  ks: readonly number[],
): LabelOutcome {
  const { rows, columns: labels } = known;
  const column = (length: number) => new Float64Array(length);
  const outcome: LabelOutcome = {
    hits: column(rows),
    wrong: column(rows),
    missed: column(rows),
    lrap: column(rows),
    precision: new Map(ks.map((k) => [k, column(rows)])),
    logLoss: column(rows),
    byLabel: { hits: column(labels), wrong: column(labels), missed: column(labels) },
    bins: emptyBins(),
  };
  const has = new Uint8Array(labels);
  for (let r = 0; r < rows; r++) {
    const own = said.subarray(r * labels, (r + 1) * labels);
    const relevant = rowItems(known, r);
    for (const label of relevant) has[label] = 1;
    let decided = 0;
    for (let l = 0; l < labels; l++) {
      if (own[l]! < 0) continue;
      decided++;
      decide(outcome, r, l, own[l]!, own[l]! >= thresholds[l]!, has[l] === 1);
    }
    outcome.logLoss[r]! /= Math.max(1, decided);
    outcome.lrap[r] = rankingAveragePrecision(own, relevant);
    for (const [k, values] of outcome.precision) values[r] = labelPrecisionAt(own, relevant, k);
    for (const label of relevant) has[label] = 0;
  }
  return outcome;
}

function decide(
  { byLabel, bins, logLoss, ...byEntity }: LabelOutcome,
  row: number,
  label: number,
  probability: number,
  predicted: boolean,
  has: boolean,
): void {
  addToBins(bins, probability, has);
  logLoss[row]! -= Math.log(Math.max(LEAST, has ? probability : 1 - probability));
  if (!predicted && !has) return;
  const kind = predicted ? (has ? 'hits' : 'wrong') : 'missed';
  byLabel[kind][label]!++;
  byEntity[kind][row]!++;
}

/** Metrics with 95 % bootstrap intervals over entities; those over labels or bins have none. */
export function labelMetrics(
  outcome: LabelOutcome,
  resampling: Resampling,
): {
  metrics: Record<string, Measured>;
  /** macroF1 and calibrationError; one that is a share of nothing is left out. */
  figures: Record<string, number>;
} {
  const { hits, wrong, missed, lrap, precision, logLoss, byLabel, bins } = outcome;
  const ratio = (columns: Float64Array[], of: (means: number[]) => number) =>
    statistic(columns, resampling, of);
  const mean = (values: Float64Array) => ratio([values], ([value]) => value!);
  const errors = byLabel.wrong.map((count, l) => count + byLabel.missed[l]!);
  return {
    metrics: {
      microF1: microF1(outcome, resampling),
      microPrecision: ratio([hits, wrong], ([a, b]) => a! / (a! + b!)),
      microRecall: ratio([hits, missed], ([a, b]) => a! / (a! + b!)),
      lrap: mean(lrap),
      ...Object.fromEntries([...precision].map(([k, values]) => [`precision@${k}`, mean(values)])),
      logLoss: mean(logLoss),
    },
    figures: finite({ macroF1: macroF1(byLabel.hits, errors), calibrationError: calibrationError(bins) }),
  };
}

function finite(numbers: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => Number.isFinite(value)));
}

function microF1({ hits, wrong, missed }: LabelOutcome, resampling: Resampling): Measured {
  return statistic([hits, wrong, missed], resampling, ([a, b, c]) => f1(a!, b! + c!));
}

/** Compares labellers by their micro F1 on the same entities. */
export function pairLabellers(resampling: Resampling): Pairing<LabelOutcome> {
  const compare =
    (of: (one: number, other: number) => number) =>
    (one: LabelOutcome, other: LabelOutcome): MeasuredByName => {
      const columns = [one, other].flatMap(({ hits, wrong, missed }) => [hits, wrong, missed]);
      const microF1 = statistic(columns, resampling, ([a, b, c, d, e, f]) =>
        of(f1(a!, b! + c!), f1(d!, e! + f!)),
      );
      // A share of nothing is no number: it is left out.
      return Number.isFinite(microF1.value) ? { microF1 } : {};
    };
  return { share: compare((a, b) => (b === 0 ? Number.NaN : a / b)), gain: compare((a, b) => a - b) };
}

/**
 * The outcome of one labeller with several seeds as one: what is counted by entity. What has no interval, by label and by bin, is
 * that of the first.
 */
export function joinLabelOutcomes(outcomes: readonly LabelOutcome[]): LabelOutcome {
  const [first] = outcomes as [LabelOutcome];
  const join = (of: (outcome: LabelOutcome) => Float64Array) => joinColumns(outcomes.map(of));
  return {
    ...first,
    hits: join(({ hits }) => hits),
    wrong: join(({ wrong }) => wrong),
    missed: join(({ missed }) => missed),
    lrap: join(({ lrap }) => lrap),
    precision: new Map([...first.precision.keys()].map((k) => [k, join((one) => one.precision.get(k)!)])),
    logLoss: join(({ logLoss }) => logLoss),
  };
}
