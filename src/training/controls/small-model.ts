import { dequantizeRows } from '../../artifact/student/quantize.ts';
import type { StoredRows, StudentWeights } from '../../artifact/student/student-weights.ts';
import { createRng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import { foldInput } from '../../student/fold-input.ts';
import type { StudentSettings } from '../../student/settings.ts';
import { storeRows } from '../../student/store-rows.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { choleskyInPlace, solveTriangular } from '../../tensor/linalg/linalg-reference.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import { createRowSolver } from '../../tensor/ridge/solve-rows.ts';

/** A model of item vectors, as training leaves it: score of item j = u . out_j. */
export interface SmallModel {
  /** Says how it works and how wide it is, as in "iALS 64, solved per user". */
  description: string;
  width: number;
  /** [items, width] */
  itemsOut: Float32Array;
  /** Tells how a history becomes the user's vector u: the sum of its items' rows here, or the solution of a ridge regression. */
  user: { itemsIn: Float32Array } | { solved: Ridge };
  /** Weight of an item by that of the one after it; 1 where it is absent. */
  recency?: number;
}

/** Returns the scores of a model before rounding, [rows, items] row-major. */
export function scoresOfModel(engine: Engine, model: SmallModel): (histories: Csr) => Float32Array {
  const { tf } = engine;
  const { width, itemsOut, user } = model;
  const solver = 'solved' in user ? createRowSolver(engine, itemsOut, width, user.solved) : undefined;
  return (all) => {
    const histories = foldInput(all, { ...recencyOf(model), normalization: 'none' });
    const shape: [number, number] = [histories.columns, width];
    const out = tf.tensor2d(itemsOut, shape);
    const users =
      'itemsIn' in user
        ? folded(engine, histories, tf.tensor2d(user.itemsIn, shape))
        : tf.tensor2d(solver!.solve(histories), [histories.rows, width]);
    const scores = engine.linearScores(users, out);
    tf.dispose([out, users]);
    return readAndDispose(scores);
  };
}

function folded(engine: Engine, histories: Csr, itemsIn: Tensor): Tensor {
  const x = engine.sparseRows(histories);
  const users = engine.sparseMatMul(x, itemsIn);
  x.dispose();
  itemsIn.dispose();
  return users;
}

/** A model as it would be stored and served: rounded as the student is. */
export interface RoundedModel {
  description: string;
  /** Where the user's vector is solved, both sides share one matrix. */
  weights: StudentWeights;
  /** How the user's vector is solved; absent where it is the sum of its items' rows. */
  solved?: Ridge;
}

/** @param popularity [items] weight in what it learned from */
export function rounded(
  model: SmallModel,
  storage: Pick<StudentSettings, 'quantization' | 'codes' | 'codeWidth'>,
  popularity: Float32Array,
): RoundedModel {
  const items = popularity.length;
  const { width, user } = model;
  const rng = createRng(0);
  const stored = (values: Float32Array, name: string): StoredRows =>
    storeRows(
      values,
      items,
      width,
      { ...storage, codeWidth: Math.min(storage.codeWidth, width) },
      rng.fork(name),
    );
  const itemsOut = stored(model.itemsOut, 'itemsOut');
  return {
    description: `${model.description}, without a teacher, ${storage.quantization}`,
    ...('solved' in user && { solved: user.solved }),
    weights: {
      itemsOut,
      itemsIn: 'solved' in user ? itemsOut : stored(user.itemsIn, 'itemsIn'),
      userBias: new Float32Array(width),
      inner: null,
      ...recencyOf(model),
      itemBias: new Float32Array(items),
      popularity,
      quantization: storage.quantization,
      normalization: 'none',
      activation: 'identity',
    },
  };
}

function recencyOf({ recency }: SmallModel): Pick<SmallModel, 'recency'> {
  return recency === undefined ? {} : { recency };
}

/**
 * Solves the vector of one user at a time from the rounded rows, as serving would have to, in float64. The array that is returned
 * is reused.
 */
export function createUserSolver(
  { itemsOut, recency = 1 }: Pick<StudentWeights, 'itemsOut' | 'recency'>,
  { unobservedWeight, regularization }: Ridge,
): (rows: ArrayLike<number>, weights: ArrayLike<number>) => Float32Array {
  const { rows: items, width: d } = itemsOut;
  const y = dequantizeRows(itemsOut);
  const gram = new Float64Array(d * d);
  const addSquare = (to: Float64Array, item: number, weight: number) => {
    for (let i = 0; i < d; i++) {
      const scaled = weight * y[item * d + i]!;
      for (let j = 0; j <= i; j++) to[i * d + j]! += scaled * y[item * d + j]!;
    }
  };
  for (let item = 0; item < items; item++) addSquare(gram, item, unobservedWeight);
  const user = new Float32Array(d);
  return (rows, weights) => {
    const a = gram.slice();
    const x = new Float64Array(d);
    let fading = 1;
    for (let p = 0; p < rows.length; p++) {
      const weight = weights[p]! * fading;
      fading *= recency;
      addSquare(a, rows[p]!, weight);
      for (let k = 0; k < d; k++) x[k]! += weight * y[rows[p]! * d + k]!;
    }
    const ridge = regularization * (rows.length + unobservedWeight * items);
    for (let k = 0; k < d; k++) a[k * d + k]! += ridge;
    if (rows.length > 0) {
      choleskyInPlace(a, d);
      solveTriangular(a, x, d, 1, false);
      solveTriangular(a, x, d, 1, true);
    }
    user.set(x);
    return user;
  };
}
