import type {
  Activation,
  Normalization,
  Solver,
  StudentWeights,
} from '../artifact/student/student-weights.ts';
import { addRows } from '../features/compose.ts';
import type { Bag } from '../features/encoding.ts';
import { denseLayer } from './dense-layer.ts';
import { createAway, type Disliked } from './disliked.ts';
import { createRidge } from './ridge.ts';
import { createSequenceVectors } from './sequence-vector.ts';

/** Newest distinct items of a history that are folded into the vector, where the artifact does not say how many. */
export const MAX_HISTORY = 500;

export interface UserVectors {
  /**
   * v = act(b + norm(w) * sum_i w_i E_in[i]), or b and a solution (see Solver), through the inner layer where there is one;
   * Float32 [d]. The array is reused: read it before the next call.
   * @param rows distinct item rows of the user's history, the newest first
   * @param weights of the pairs, positive, as many
   * @param side what is said of the user; v has its rows of U added. Students without user features ignore it
   * @param disliked what the vector is moved away from
   */
  fold(
    rows: ArrayLike<number>,
    weights: ArrayLike<number>,
    side?: Bag | null,
    disliked?: Disliked | null,
  ): Float32Array;
}

type FoldInWeights = Pick<
  StudentWeights,
  'itemsIn' | 'userBias' | 'inner' | 'solver' | 'normalization' | 'activation' | 'recency' | 'features'
>;

/** Adds up or solves in float64, answers in float32. Nothing is allocated per call but for a longer history than any before. */
export function createUserVectors(
  student: FoldInWeights & Pick<StudentWeights, 'itemsOut' | 'encoder'>,
): UserVectors {
  const { fold } = student.encoder ? createSequenceVectors(student, student.encoder) : createFolds(student);
  const moveAway = createAway(student.itemsOut);
  return {
    fold(rows, weights, side, disliked) {
      const vector = fold(rows, weights, side);
      if (disliked && disliked.rows.length > 0) moveAway(vector, disliked);
      return vector;
    },
  };
}

function createFolds(student: FoldInWeights): UserVectors {
  const usersIn = student.features?.users?.usersIn;
  const { width } = student.itemsIn;
  const historyInto = student.solver ? createSolutions(student, student.solver) : createSums(student);
  const sum = new Float64Array(width);
  const first = new Float32Array(width);
  const through = student.inner && createInner(student.inner.weights, student.inner.bias);
  return {
    fold(rows, weights, side) {
      historyInto(sum, rows, weights);
      for (let k = 0; k < width; k++) sum[k] += student.userBias[k];
      if (side && usersIn) addRows(usersIn, side, sum);
      for (let k = 0; k < width; k++) first[k] = activate(student.activation, sum[k]);
      return through ? through(first) : first;
    },
  };
}

/** Writes what the history alone makes of the vector, [h]. */
type HistoryInto = (out: Float64Array, rows: ArrayLike<number>, weights: ArrayLike<number>) => void;

function createSums({ itemsIn, normalization, recency = 1 }: FoldInWeights): HistoryInto {
  const { q, scale, width } = itemsIn;
  return (sum, rows, weights) => {
    sum.fill(0);
    let fading = 1;
    for (let i = 0; i < rows.length; i++) {
      addRow(sum, q, rows[i] * width, weights[i] * fading * scale[rows[i]]);
      fading *= recency;
    }
    const norm = normOf(normalization, weights, rows.length, recency);
    for (let k = 0; k < width; k++) sum[k] *= norm;
  };
}

function createSolutions(
  { itemsIn, recency = 1 }: FoldInWeights,
  { gram, perPair, scale }: Solver,
): HistoryInto {
  const { q, scale: steps, width } = itemsIn;
  const ridge = createRidge(width);
  return (out, rows, weights) => {
    ridge.begin(gram, rows.length * perPair, rows.length);
    let fading = 1;
    for (let i = 0; i < rows.length; i++) {
      ridge.add(q, rows[i] * width, steps[rows[i]], weights[i] * fading);
      fading *= recency;
    }
    ridge.solveInto(out, scale);
  };
}

/** A function of its own runs twice as fast as a loop within the loop. */
function addRow(sum: Float64Array, q: Int8Array, start: number, factor: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += factor * q[start + k];
}

/** v [h] -> weights' v + bias [d] */
function createInner(weights: Float32Array, bias: Float32Array): (v: Float32Array) => Float32Array {
  const d = bias.length;
  const sum = new Float64Array(d);
  const user = new Float32Array(d);
  return (v) => {
    denseLayer(v, weights, bias, sum);
    user.set(sum);
    return user;
  };
}

/** 1 over the length of w (l2) or over the root of its sum (sqrt); 0 for an empty history. */
function normOf(kind: Normalization, weights: ArrayLike<number>, length: number, recency: number): number {
  if (kind === 'none') return 1;
  let total = 0;
  let fading = 1;
  for (let i = 0; i < length; i++) {
    const weight = weights[i] * fading;
    fading *= recency;
    total += kind === 'l2' ? weight * weight : weight;
  }
  return total > 0 ? 1 / Math.sqrt(total) : 0;
}

function activate(kind: Activation, x: number): number {
  switch (kind) {
    case 'identity':
      return x;
    case 'relu':
      return Math.max(0, x);
    case 'tanh':
      return Math.tanh(x);
  }
}
