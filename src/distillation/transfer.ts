import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { FoldInStart } from '../student/fold-in.ts';
import type { Teacher } from '../teacher/contract.ts';
import type { Engine } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';

/** Singular values below this share of the greatest are rounding errors: a layer may be narrower than the last. */
const RANK_TOLERANCE = 1e-5;

/**
 * Start of the student from the teacher: with V the leading right singular vectors of the teacher's scores on the sample (less
 * each item's mean) and L its map from histories to scores, scores ~ mean + X L V V'. So E_out ~ V, E_in ~ L V, with columns
 * of the same length. The item bias makes the mean scores on the sample those of the teacher.
 *
 * @param dimensions those beyond the rank of the teacher's scores start small and random, as zeros would never move
 * @param sample [rows, items] histories, as they are fed to the student
 */
export function svdTransfer(
  engine: Engine,
  teacher: Teacher,
  dimensions: number,
  sample: Csr,
  normalise: (histories: Csr) => Csr,
  rng: Rng,
): FoldInStart {
  const items = sample.columns;
  const { v, width } = leadingDirections(engine, teacher, sample, dimensions, rng);
  const projected = teacher.project(v, width, sample);
  const lengths = new Float64Array(width);
  for (let p = 0; p < projected.length; p++) lengths[p % width]! += projected[p]! ** 2;
  const share = lengths.map((squares) => squares ** 0.25);
  const itemsIn = new Float32Array(items * dimensions);
  const itemsOut = new Float32Array(items * dimensions);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < dimensions; k++) {
      const known = k < width && share[k]! > 0;
      itemsIn[i * dimensions + k] = known ? projected[i * width + k]! / share[k]! : 0.01 * rng.normal();
      itemsOut[i * dimensions + k] = known ? v[i * width + k]! * share[k]! : 0.01 * rng.normal();
    }
  }
  const itemBias = meanOffset(engine, teacher, sample, normalise(sample), itemsIn, itemsOut, dimensions);
  return { itemsIn, itemsOut, itemBias };
}

/** v [items, width] */
function leadingDirections(engine: Engine, teacher: Teacher, sample: Csr, dimensions: number, rng: Rng) {
  const { tf } = engine;
  const scores = teacher.scores(sample);
  const centred = tf.tidy(() => tf.sub(scores, tf.mean(scores, 0)));
  const rank = Math.min(dimensions, sample.rows, sample.columns);
  const { u, s, v } = engine.truncatedSvd(centred, rank, { rng });
  const width = Math.max(1, s.filter((value) => value > RANK_TOLERANCE * s[0]!).length);
  const leading = tf.slice(v, [0, 0], [sample.columns, width]);
  tf.dispose([scores, centred, u, v]);
  return { v: readAndDispose(leading), width };
}

/** Teacher's mean score per item minus the linear student's, [items]. */
function meanOffset(
  engine: Engine,
  teacher: Teacher,
  sample: Csr,
  input: Csr,
  itemsIn: Float32Array,
  itemsOut: Float32Array,
  dimensions: number,
): Float32Array {
  const { tf } = engine;
  const scores = teacher.scores(sample);
  const x = engine.sparseRows(input);
  const offset = tf.tidy(() => {
    const user = engine.sparseMatMul(x, tf.tensor2d(itemsIn, [sample.columns, dimensions]));
    const linear = engine.linearScores(user, tf.tensor2d(itemsOut, [sample.columns, dimensions]));
    return tf.mean(tf.sub(scores, linear), 0);
  });
  scores.dispose();
  x.dispose();
  return readAndDispose(offset);
}
