import { type Csr, selectRows } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher } from '../contract.ts';
import { fitHistories } from '../kinds/fit-histories.ts';

interface Member {
  teacher: Teacher;
  weight: number;
}

/** Rows on which the spread of each member's scores is measured for the linear map. */
const MEASURED = 128;
/** Histories whose scores are computed at once where the whole sample's are wanted. */
const BATCH = 256;

/** The weighed sum of the members' linear maps, each by the spread of its scores: of a mean of standardized scores. */
export function weightedProjection(
  engine: Engine,
  members: readonly Member[],
  whole: number,
  directions: Float32Array,
  width: number,
  sample: Csr,
): Float32Array {
  const total = new Float32Array(directions.length);
  const measured = selectRows(
    sample,
    Int32Array.from({ length: Math.min(MEASURED, sample.rows) }, (_, i) => i),
  );
  for (const { teacher, weight } of members) {
    const factor = weight / (whole * spreadOf(engine, teacher, measured));
    const own = teacher.project(directions, width, sample);
    for (let p = 0; p < total.length; p++) total[p]! += factor * own[p]!;
  }
  return total;
}

function spreadOf({ tf }: Engine, teacher: Teacher, sample: Csr): number {
  const scores = teacher.scores(sample);
  const spread = tf.tidy(() => tf.mean(tf.sqrt(tf.moments(scores, 1).variance)));
  scores.dispose();
  return Math.max(readAndDispose(spread)[0]!, 1e-10);
}

/**
 * Returns the linear map that is nearest, on the sample, to a combination that is not linear: ranks and sums of distributions.
 */
export function fittedProjection(
  { tf }: Engine,
  combined: (histories: Csr) => Float32Array,
  directions: Float32Array,
  width: number,
  sample: Csr,
): Float32Array {
  const wanted = new Float32Array(sample.rows * width);
  for (let from = 0; from < sample.rows; from += BATCH) {
    const rows = Int32Array.from({ length: Math.min(BATCH, sample.rows - from) }, (_, i) => from + i);
    const scores = combined(selectRows(sample, rows));
    const along = tf.tidy(() =>
      tf.matMul(
        tf.tensor2d(scores, [rows.length, sample.columns]),
        tf.tensor2d(directions, [sample.columns, width]),
      ),
    );
    wanted.set(readAndDispose(along), from * width);
  }
  const means = new Float64Array(width);
  for (let i = 0; i < wanted.length; i++) means[i % width]! += wanted[i]! / sample.rows;
  for (let i = 0; i < wanted.length; i++) wanted[i]! -= means[i % width]!;
  return fitHistories(sample, wanted, width);
}
