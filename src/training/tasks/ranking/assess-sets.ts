import type { Rng } from '../../../core/rng.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import type { Unlisted } from '../../../dataset/seen.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { historyFor, newestKnown, type Split } from '../../../dataset/split/split.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { SetReport } from '../../../domain/reports/set-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { bestThreshold, type Calibration, calibrate, probabilities } from '../../../evaluation/calibrate.ts';
import { compareModels, type Measurements } from '../../../evaluation/comparison.ts';
import { evaluatedUsers, type Ranker } from '../../../evaluation/evaluate.ts';
import {
  type LabelOutcome,
  labelMetrics,
  pairLabellers,
  tallyLabels,
} from '../../../evaluation/label-tally.ts';
import type { Entry } from './entries.ts';

/** Users who are looked at, as far as their scores over the catalogue stay within so many numbers. */
const MOST_USERS = 2000;
const MOST_SCORES = 1 << 23;
const MOST_CALIBRATED = 1 << 21;
const BATCH = 128;
/** A mark in place of the probability of an item that is known already and so is no label. */
const KNOWN = -1;

/**
 * Measures how well the rankers tell the sets of items that users take: each item is a decision by itself. Calibration and one
 * threshold for all come from the validation pairs. The teacher comes first.
 *
 * @param data the split, what no list shows, and how many items of a history serving reads
 */
export async function assessSets(
  entries: readonly Pick<Entry, 'ranker' | 'role'>[],
  data: SetData,
  ks: readonly number[],
  rng: Rng,
  onRanker: () => Promise<void> | void,
): Promise<SetReport> {
  const { split } = data;
  const items = split.train.columns;
  const drawn = (part: Csr, most: number) =>
    rng.shuffle(evaluatedUsers(part)).slice(0, Math.max(1, Math.min(MOST_USERS, Math.floor(most / items))));
  const chosenBy = partOf(data, 'validation', drawn(split.validation, MOST_CALIBRATED));
  const asked = partOf(data, 'test', drawn(split.test, MOST_SCORES));
  const judged: (Measurements<LabelOutcome> & { threshold: number })[] = [];
  for (const { ranker, role } of entries) {
    const isPopularity = ranker.name === 'popularity';
    const { calibration, threshold } = decide(logitsOf(ranker, chosenBy, isPopularity), chosenBy);
    const logits = logitsOf(ranker, asked, isPopularity);
    const said = probabilities(logits, calibration).map((p, i) =>
      logits[i]! === Number.NEGATIVE_INFINITY ? KNOWN : p,
    );
    const thresholds = new Float32Array(items).fill(threshold);
    const outcome = tallyLabels(said, thresholds, asked.heldOut, ks);
    judged.push({ name: ranker.name as ModelReport['name'], role, bytes: 1, threshold, outcome });
    await onRanker();
  }
  const resampling = createResampling(asked.users.length, rng);
  const { retained, gainOverAlone, gainOverBaseline } = compareModels(judged, pairLabellers(resampling));
  return {
    users: asked.users.length,
    models: judged.map(({ name, role, threshold, outcome }) => ({
      name,
      role,
      threshold,
      ...labelMetrics(outcome, resampling),
    })),
    comparison: { retained, gainOverAlone, gainOverBaseline },
  };
}

interface Part {
  users: Int32Array;
  histories: Csr;
  known: Csr;
  heldOut: Csr;
  hidden: Int32Array;
}

interface SetData {
  split: Split;
  unlisted: Unlisted;
  maxHistory: number;
}

function partOf(
  { split, unlisted, maxHistory }: SetData,
  part: 'validation' | 'test',
  users: Int32Array,
): Part {
  const rows = (m: Csr) => selectRows(m, users);
  const { known, heldOut, hidden } = maskedFor(split, unlisted, part);
  return {
    users,
    histories: rows(newestKnown(split, historyFor(split, part), maxHistory)),
    known: rows(known),
    heldOut: rows(heldOut),
    hidden,
  };
}

/** [users, items] row-major, what is known at -Infinity. @param asWeights whether scores are weights of items, not logits */
function logitsOf(ranker: Ranker, { histories, known, hidden }: Part, asWeights: boolean): Float32Array {
  const items = histories.columns;
  const all = new Float32Array(histories.rows * items);
  for (let from = 0; from < histories.rows; from += BATCH) {
    const rows = Int32Array.from({ length: Math.min(BATCH, histories.rows - from) }, (_, i) => from + i);
    const scores = ranker.scores(selectRows(histories, rows)).subarray(0, rows.length * items);
    all.set(asWeights ? scores.map((weight) => Math.log1p(weight)) : scores, from * items);
  }
  for (let r = 0; r < known.rows; r++) {
    for (let p = known.indptr[r]!; p < known.indptr[r + 1]!; p++)
      all[r * items + known.indices[p]!] = Number.NEGATIVE_INFINITY;
    for (const row of hidden) all[r * items + row] = Number.NEGATIVE_INFINITY;
  }
  return all;
}

/** Over all pairs of a user and an item that is not known yet. */
function decide(logits: Float32Array, { heldOut }: Part): { calibration: Calibration; threshold: number } {
  const open = Int32Array.from(logits, (_, at) => at).filter((at) => logits[at]! > Number.NEGATIVE_INFINITY);
  const taken = new Uint8Array(logits.length);
  for (let r = 0; r < heldOut.rows; r++) {
    for (let p = heldOut.indptr[r]!; p < heldOut.indptr[r + 1]!; p++)
      taken[r * heldOut.columns + heldOut.indices[p]!] = 1;
  }
  const truth = Uint8Array.from(open, (at) => taken[at]!);
  const values = Float32Array.from(open, (at) => logits[at]!);
  const calibration = calibrate(values, truth);
  return { calibration, threshold: bestThreshold(probabilities(values, calibration), truth) };
}
