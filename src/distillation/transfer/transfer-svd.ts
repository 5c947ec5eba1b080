import type { Rng } from '../../core/rng.ts';
import { runAtOnce } from '../../core/slices.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import { foldInput } from '../../student/fold-input.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { FoldInStart } from '../../student/start.ts';
import type { Teacher } from '../../teacher/contract.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { product } from '../../tensor/linalg/product.ts';
import { type LinearOperator, SVD_STEPS, truncatedSvdInSteps } from '../../tensor/linalg/truncated-svd.ts';
import { readAndDispose } from '../../tensor/read.ts';
import { measuredRows, SPREAD, spreadOfScores } from './spread.ts';
import type { TransferSetup } from './transfer-setup.ts';

/** Singular values below this share of the greatest are rounding errors: a layer may be narrower than the last. */
const RANK_TOLERANCE = 1e-5;
/** Most bytes of teacher scores that are factorised at once. */
const SCORES_BYTES = 512 * 2 ** 20;
const BATCH = 256;
/** Part of the time that the teacher's scores take, before they are factorised. */
const SCORES_SHARE = 0.6;

/**
 * The student starts as the best linear model of its width: with V the leading right singular vectors of the teacher's
 * scores (less each item's mean, each user's row at length 1, so that no user counts more), scores ~ mean + X L V V', where L
 * is the teacher's map from histories to scores: E_out ~ sqrt(k) V, E_in ~ sqrt(k) L V. The item bias makes the mean scores
 * on the sample those of the teacher, times k.
 *
 * Dimensions beyond the rank of the teacher's scores start small and random, as zeros would never move.
 */
export function svdTransfer(setup: TransferSetup): FoldInStart {
  const { engine, teacher, student, sample, rng, scale } = setup;
  const d = Math.min(student.dimensions, setup.rank ?? student.dimensions);
  const items = sample.columns;
  const limit = Math.max(d + 1, Math.floor(SCORES_BYTES / (4 * items)));
  const histories =
    sample.rows > limit
      ? selectRows(
          sample,
          Int32Array.from({ length: limit }, (_, i) => i),
        )
      : sample;
  const { v, mean, width } = leadingDirections(setup, histories, d);
  const projected = teacher.project(v, width, histories);
  const linear = { v, projected, width };
  const offset = meanOffset(engine, linear, foldInput(histories, student), mean);
  const k = scale === 'same' ? 1 : SPREAD / spreadOf(engine, linear, histories, student, offset);
  const { itemsIn, itemsOut } = matrices(linear, items, student, Math.sqrt(k), rng);
  return { itemsIn, itemsOut, itemBias: offset.map((x) => k * x) };
}

interface Linear {
  /** [items, width] */
  v: Float32Array;
  /** [items, width] L V */
  projected: Float32Array;
  width: number;
}

function leadingDirections({ engine, teacher, rng, tell = () => {} }: TransferSetup, sample: Csr, d: number) {
  const { tf } = engine;
  const { parts, mean } = unitRows(engine, teacher, sample, (done) => tell(SCORES_SHARE * done));
  const rank = Math.min(d, sample.rows, sample.columns);
  const { u, s, v } = runAtOnce(
    truncatedSvdInSteps(engine, stacked(engine, parts, sample), rank, { rng }),
    (passes) => tell(SCORES_SHARE + (1 - SCORES_SHARE) * (passes / (SVD_STEPS + 1))),
  );
  const width = Math.max(1, s.filter((value) => value > RANK_TOLERANCE * s[0]!).length);
  const values = v.dataSync() as Float32Array;
  const leading = new Float32Array(sample.columns * width);
  for (let i = 0; i < sample.columns; i++) {
    leading.set(values.subarray(i * rank, i * rank + width), i * width);
  }
  const means = mean.dataSync() as Float32Array;
  tf.dispose([...parts, mean, u, v]);
  return { v: leading, mean: means, width };
}

/**
 * Returns the scores less each item's mean, each row at length 1, in parts of some rows: hundreds of megabytes in all, which are never
 * there twice.
 */
function unitRows({ tf }: Engine, teacher: Teacher, sample: Csr, tell: (done: number) => void) {
  const scores = scoresInParts(teacher, sample, tell);
  const mean = tf.tidy(() =>
    tf.div(tf.addN(scores.map((part) => tf.sum(part, 0) as Tensor)), sample.rows),
  ) as Tensor;
  const parts = scores.map((part) => {
    const unit = tf.tidy(() => {
      const centred = tf.sub(part, mean);
      return tf.div(centred, tf.sqrt(tf.add(tf.sum(tf.square(centred), 1, true), 1e-12)));
    });
    part.dispose();
    return unit;
  });
  return { parts, mean };
}

/** Parts of some rows as one matrix that is only multiplied. */
function stacked(engine: Engine, parts: readonly Tensor[], { rows, columns }: Csr): LinearOperator {
  const { tf } = engine;
  return {
    rows,
    cols: columns,
    multiply: (x) => tf.concat(parts.map((part) => product(engine, part, x))),
    multiplyTransposed(x) {
      let from = 0;
      return tf.addN(
        parts.map((part) => {
          const own = tf.slice(x, [from, 0], [part.shape[0]!, x.shape[1]!]);
          from += part.shape[0]!;
          return product(engine, part, own, true);
        }),
      );
    },
  };
}

function scoresInParts(teacher: Teacher, sample: Csr, tell?: (done: number) => void): Tensor[] {
  const parts: Tensor[] = [];
  for (let from = 0; from < sample.rows; from += BATCH) {
    const rows = Int32Array.from({ length: Math.min(BATCH, sample.rows - from) }, (_, i) => from + i);
    parts.push(teacher.scores(selectRows(sample, rows)));
    tell?.((from + rows.length) / sample.rows);
  }
  return parts;
}

/** [rows, items], asked in batches. @param tell told the share that is done */
export function allScores(
  { tf }: Engine,
  teacher: Teacher,
  sample: Csr,
  tell?: (done: number) => void,
): Tensor {
  const parts = scoresInParts(teacher, sample, tell);
  if (parts.length === 1) return parts[0]!;
  const whole = tf.concat(parts);
  tf.dispose(parts);
  return whole;
}

/** Returns the offset of each item that brings the linear model to the teacher's mean scores, [items]. */
function meanOffset(engine: Engine, { v, projected, width }: Linear, shown: Csr, mean: Float32Array) {
  const { tf } = engine;
  const x = engine.sparseRows(shown);
  const average = tf.tidy(() => {
    const user = engine.sparseMatMul(x, tf.tensor2d(projected, [shown.columns, width]));
    return engine.linearScores(tf.mean(user, 0, true), tf.tensor2d(v, [shown.columns, width]));
  });
  x.dispose();
  const lacking = readAndDispose(average);
  return mean.map((value, i) => value - lacking[i]!);
}

function spreadOf(
  engine: Engine,
  { v, projected, width }: Linear,
  histories: Csr,
  student: StudentSettings,
  offset: Float32Array,
): number {
  const { tf } = engine;
  const own = measuredRows(histories);
  const x = engine.sparseRows(foldInput(own, student));
  const scores = tf.tidy(() => {
    const shape: [number, number] = [own.columns, width];
    const user = engine.sparseMatMul(x, tf.tensor2d(projected, shape));
    return engine.linearScores(user, tf.tensor2d(v, shape), tf.tensor1d(offset));
  });
  x.dispose();
  return spreadOfScores(readAndDispose(scores), own);
}

/**
 * Each direction's factor is shared evenly, so that both matrices' columns have one length and one learning rate fits both.
 * A tied student takes it as the root of <v, L v>: the same model where L is symmetric; a direction that L turns round has
 * no such root.
 */
function matrices(
  { v, projected, width }: Linear,
  items: number,
  student: StudentSettings,
  root: number,
  rng: Rng,
) {
  const d = student.dimensions;
  const itemsIn = new Float32Array(items * d);
  const itemsOut = new Float32Array(items * d);
  const shares = Float64Array.from({ length: width }, (_, k) => {
    let along = 0;
    let square = 0;
    for (let i = 0; i < items; i++) {
      along += v[i * width + k]! * projected[i * width + k]!;
      square += projected[i * width + k]! ** 2;
    }
    return student.tied ? Math.sqrt(Math.max(0, along)) : square ** 0.25;
  });
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < d; k++) {
      const known = k < width;
      itemsIn[i * d + k] = known
        ? (shares[k]! > 0 ? root / shares[k]! : 0) * projected[i * width + k]!
        : 0.01 * rng.normal();
      itemsOut[i * d + k] = known ? root * shares[k]! * v[i * width + k]! : 0.01 * rng.normal();
    }
  }
  return { itemsIn, itemsOut };
}
