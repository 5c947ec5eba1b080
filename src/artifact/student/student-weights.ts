import type { Quantization } from '../../domain/students/quantization.ts';
import type { FeatureEncoding } from '../../features/encoding.ts';
import { encoderSize, type SequenceEncoder } from './sequence-encoder.ts';

/** A matrix [rows, width] in int8, one scale per row: value[i,k] = scale[i] * q[i,k]. What the kernel scans. */
export interface QuantizedRows {
  rows: number;
  width: number;
  q: Int8Array;
  scale: Float32Array;
}

/**
 * Rows [rows, width] cut into parts of `codeWidth` numbers, each part one of `codes` int8 vectors of its place's codebook,
 * and one scale per row (product quantization: Jégou, Douze & Schmid, PAMI 2011). The last part may be narrower; its
 * codebook is filled up with zeros.
 */
export interface ProductCodes {
  /** Numbers per part. */
  codeWidth: number;
  /** Vectors per codebook. */
  codes: number;
  /** [rows, parts] */
  chosen: Uint8Array;
  /** [parts, codes, codeWidth] */
  codebook: Int8Array;
}

/** Quantized rows as they are stored: with product quantization, rows were decoded from codes. */
export interface StoredRows extends QuantizedRows {
  codes?: ProductCodes;
}

export type Normalization = 'l2' | 'sqrt' | 'none';
export type Activation = 'identity' | 'relu' | 'tanh';

/** A layer behind the activation: u = weights' v + bias. */
export interface InnerLayer {
  /** [h, d] */
  weights: Float32Array;
  /** [d] */
  bias: Float32Array;
}

/** The layer by which one task of several turns the shared user vector into its own: u_t = layer(u). */
export interface TaskHead {
  task: string;
  /** The behaviours that it predicts; items seen with one of them are not recommended for this task. */
  types: readonly string[];
  /** [d, d] */
  layer: InnerLayer;
}

/**
 * How a user's vector is solved instead of summed: as the ridge regression of the history on its own items, which is how iALS
 * folds in a user (Hu et al., ICDM 2008). With n items in the history, of rows e_i = E_in[i] and weights w_i,
 *
 *   v = b + scale * (diag(gram + n * perPair) + sum_i w_i e_i e_i')^-1 sum_i w_i e_i
 *
 * A diagonal is no restriction: the items of any other positive definite matrix can be rotated until theirs is one.
 */
export interface Solver {
  /** [d], positive: what pairs that were not observed and the fixed part of the regularization add, direction by direction. */
  gram: Float32Array;
  /** The regularization that each item of the history adds; not negative. */
  perPair: number;
  /** Factor on the solution, so that scores have the height that their student's losses want. */
  scale: number;
}

/**
 * A student as it is stored and served: v = act(b + norm * sum_i w_i E_in[i]), or v solved, u = v or inner(v), or u from the
 * encoder; scores = E_out u + c.
 */
export interface StudentWeights {
  /** [N, h], or [N, d] without an inner layer. The same object as itemsOut when both sides share one matrix. */
  itemsIn: StoredRows;
  /** [N, d] */
  itemsOut: StoredRows;
  /** [h] or [d] */
  userBias: Float32Array;
  inner: InnerLayer | null;
  /** Solves the user's vector, in place of the sum: then there is neither normalization nor activation. */
  solver?: Solver;
  /** Reads the order of the history, in place of the sum. */
  encoder?: SequenceEncoder;
  /** Share of its weight that an item keeps in the sum with each place that it is older; 1 where it is absent. */
  recency?: number;
  /** [N]; all zero for a student without one. */
  itemBias: Float32Array;
  /** [N] weight of each item in training. */
  popularity: Float32Array;
  quantization: Quantization;
  normalization: Normalization;
  activation: Activation;
  /** Heads of a student with several tasks, the first being the one that is asked by default. */
  heads?: readonly TaskHead[];
  /** Present for a student that predicts ratings; popularity then counts the ratings. */
  rating?: RatingWeights;
  /** Present for a student that reads features. */
  features?: FeatureWeights;
}

/** Weights of the features, by the columns of their encodings. */
export interface FeatureWeights {
  items?: ItemFeatureWeights;
  users?: {
    encoding: FeatureEncoding;
    /** [columns, h]: v = act(b + norm * sum_i w_i E_in[i] + sum_f x_f U[f]). */
    usersIn: QuantizedRows;
    /** True where they are read beside a history alone, as popularity is better without one. */
    onlyWithHistory?: true;
  };
  newUsers?: NewUserWeights;
}

/** Vectors of users of whom only features are known: u = start + sum_f x_f users[f]. Without a feature popularity answers. */
export interface NewUserWeights {
  encoding: FeatureEncoding;
  /** [d] */
  start: Float32Array;
  /** [columns, d] */
  users: QuantizedRows;
}

/** The rows of an item that training did not see: E[j] = sum_f x_f F[f], and E_out[j] = that + entry. */
export interface ItemFeatureWeights {
  encoding: FeatureEncoding;
  /** [columns, h]; the same object as itemsOut when both sides share one matrix. */
  itemsIn: QuantizedRows;
  /** [columns, d] */
  itemsOut: QuantizedRows;
  /** [columns] */
  itemBias: Float32Array;
  /** [d] what E_out has beside that: with it new items come as far up as the lists of training have them. */
  entry?: Float32Array;
  /** [L, 2] ascending hashes (`itemHashes`) of items that training knew of and left out: they have no rows, and are not new. */
  leftOut?: Int32Array;
}

/**
 * A student of ratings: u = b + sum_i (e_i X_i + Y_i) / sqrt(n) with e_i = r_i - mean - base_i, E_in [N, 2d] holding X and Y side
 * by side; rating of j = mean + sum_i e_i / (n + shrinkage) + c_j + E_out_j u.
 */
export interface RatingWeights extends RatingFacts {
  /** [N] */
  base: Float32Array;
}

export interface RatingFacts {
  mean: number;
  shrinkage: number;
  /** The scale: predictions are clipped to it. */
  low: number;
  high: number;
  /** Standard deviation of the ratings around the prediction: how careful to be with items of few ratings. */
  deviation: number;
}

/**
 * The student as one task uses it: its head is a layer of the same form as the inner one, so that the two are one layer and
 * serving needs no third step. Shares all matrices.
 */
export function studentOfTask(weights: StudentWeights, task: number): StudentWeights {
  const { heads, inner, ...shared } = weights;
  const head = heads?.[task];
  if (!head) return weights;
  return { ...shared, inner: inner ? composed(inner, head.layer) : head.layer };
}

/** x -> second(first(x)): weights [h, d] times [d, d], bias [d]. */
function composed(first: InnerLayer, second: InnerLayer): InnerLayer {
  const d = second.bias.length;
  const rows = first.weights.length / d;
  const times = (row: Float32Array, into: Float32Array) => {
    for (let k = 0; k < d; k++) for (let j = 0; j < d; j++) into[j]! += row[k]! * second.weights[k * d + j]!;
  };
  const weights = new Float32Array(rows * d);
  for (let r = 0; r < rows; r++)
    times(first.weights.subarray(r * d, (r + 1) * d), weights.subarray(r * d, (r + 1) * d));
  const bias = second.bias.slice();
  times(first.bias, bias);
  return { weights, bias };
}

export function isTied({ itemsIn, itemsOut }: StudentWeights): boolean {
  return itemsIn === itemsOut;
}

export function hasItemBias({ itemBias }: StudentWeights): boolean {
  return itemBias.some((bias) => bias !== 0);
}

/** Numbers that training chose; with product quantization before they were coded. */
export function parameterCount(weights: StudentWeights): number {
  const { itemsIn, itemsOut, userBias, inner, encoder, itemBias } = weights;
  return (
    itemsOut.q.length +
    (isTied(weights) ? 0 : itemsIn.q.length) +
    userBias.length +
    (weights.solver ? weights.solver.gram.length + 2 : 0) +
    (inner ? inner.weights.length + inner.bias.length : 0) +
    (weights.heads ?? []).reduce((sum, { layer }) => sum + layer.weights.length + layer.bias.length, 0) +
    (encoder ? encoderSize(encoder) - userBias.length : 0) +
    (hasItemBias(weights) ? itemBias.length : 0) +
    (weights.rating?.base.length ?? 0) +
    featureCount(weights)
  );
}

function featureCount({ features, ...weights }: StudentWeights): number {
  const { items, users, newUsers } = features ?? {};
  const ofItems = items
    ? items.itemsOut.q.length + (isTied(weights) ? 0 : items.itemsIn.q.length) + items.itemBias.length
    : 0;
  const ofNewUsers = newUsers ? newUsers.users.q.length + newUsers.start.length : 0;
  return ofItems + (users?.usersIn.q.length ?? 0) + ofNewUsers;
}

/** Describes a student to people, as in "fold-in 32, int8, tied". */
export function describeStudent(weights: StudentWeights): string {
  const { itemsIn, itemsOut, inner, solver, encoder, recency, quantization, activation, rating } = weights;
  if (rating) return `ratings from ratings ${itemsOut.width}, ${quantization}`;
  const kind = encoder ? 'sequential' : 'fold-in';
  const parts = [`${kind} ${inner ? `${itemsIn.width} ${activation}, ` : ''}${itemsOut.width}`, quantization];
  if (!inner && activation !== 'identity') parts.push(activation);
  if (solver) parts.push('solved');
  if (recency !== undefined) parts.push(`recency ${recency}`);
  if (isTied(weights)) parts.push('tied');
  const { items, users, newUsers } = weights.features ?? {};
  if (items) parts.push(`${items.encoding.known.length} item features`);
  if (users) parts.push(`${users.encoding.known.length} user features`);
  if (newUsers) parts.push(`${newUsers.encoding.known.length} features of new users`);
  if (weights.heads) parts.push(`${weights.heads.length} tasks`);
  return parts.join(', ');
}
