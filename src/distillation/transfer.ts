import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { FoldInStart } from '../student/fold-in.ts';
import type { ItemFactors, Teacher } from '../teacher/contract.ts';
import type { Engine } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';

/** Singular values below this share of the greatest are rounding errors: a layer may be narrower than the last. */
const RANK_TOLERANCE = 1e-5;

/**
 * Start of the student from the teacher's parameters: the truncated SVD of the teacher's linear map,
 * input output' ~ U S V', shared evenly: E_in = U sqrt(S), E_out = V sqrt(S). The item bias makes the mean scores on
 * the sample those of the teacher.
 *
 * @param dimensions those beyond the rank of the teacher's map start small and random, as zeros would never move
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
  const factors = teacher.itemFactors(sample);
  const rank = Math.min(dimensions, factors.width, items);
  const { u, s, v } = factorise(engine, factors, items, rank, rng);
  const filled = s.filter((value) => value > RANK_TOLERANCE * s[0]!).length;
  const itemsIn = new Float32Array(items * dimensions);
  const itemsOut = new Float32Array(items * dimensions);
  for (let i = 0; i < items; i++) {
    for (let k = 0; k < dimensions; k++) {
      const root = k < filled ? Math.sqrt(s[k]!) : 0;
      itemsIn[i * dimensions + k] = k < filled ? u[i * rank + k]! * root : 0.01 * rng.normal();
      itemsOut[i * dimensions + k] = k < filled ? v[i * rank + k]! * root : 0.01 * rng.normal();
    }
  }
  const itemBias = meanOffset(engine, teacher, sample, normalise(sample), itemsIn, itemsOut, dimensions);
  return { itemsIn, itemsOut, itemBias };
}

function factorise(engine: Engine, factors: ItemFactors, items: number, rank: number, rng: Rng) {
  const { tf } = engine;
  const input = tf.tensor2d(factors.input, [items, factors.width]);
  const output = tf.tensor2d(factors.output, [items, factors.width]);
  const { u, s, v } = engine.truncatedSvd(
    {
      rows: items,
      cols: items,
      multiply: (x) => tf.matMul(input, tf.matMul(output, x as never, true)),
      multiplyTransposed: (x) => tf.matMul(output, tf.matMul(input, x as never, true)),
    },
    rank,
    { rng },
  );
  const result = { u: u.dataSync() as Float32Array, s, v: v.dataSync() as Float32Array };
  tf.dispose([input, output, u, v]);
  return result;
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
