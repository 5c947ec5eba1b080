import { createRng, type Rng } from '../../core/rng.ts';
import { type Csr, rowLength } from '../../dataset/matrix.ts';
import type { WarmStart } from '../contract.ts';
import { startedFrom } from '../stored/warm-start.ts';
import type { SvdSettings } from './svd-settings.ts';

/**
 * r(u, i) = mean + b_u + b_i + q_i (p_u + z_u), z_u = sum of y_j over the rated items / sqrt(their number)
 * (Koren, KDD 2008, eq. 15).
 */
export interface SvdFactors {
  dimensions: number;
  mean: number;
  /** [users] */
  userBias: Float32Array;
  /** [items] */
  itemBias: Float32Array;
  /** [users, d] p_u + z_u: all that an item's row is multiplied with. */
  users: Float32Array;
  /** [items, d] q_i */
  items: Float32Array;
  /** [items, d] y_j; empty without the implicit part. */
  implicit: Float32Array;
}

/** A training on its way, epoch by epoch. */
export interface SvdTraining {
  /** The working factors: the next epoch changes them. */
  factors: SvdFactors;
  runEpoch(): void;
  /** Copies of all that the next epochs depend on. */
  state(): SvdTrainingState;
}

export interface SvdTrainingState {
  epoch: number;
  values: Record<string, Float32Array>;
  rng: number[];
}

/**
 * Starts stochastic gradient descent, rating by rating, each user's at once: so z_u is known all the while and the rows y_j,
 * which all get the same increments, are brought up to date once per user.
 *
 * @param ratings [users, items]
 * @param from goes on from there, with the same numbers to the last bit
 * @param before starts from the weights of an earlier training: see svdWeights
 */
export function startSvd(
  ratings: Csr,
  settings: SvdSettings,
  rng: Rng,
  { from, before }: { from?: SvdTrainingState | undefined; before?: WarmStart | undefined } = {},
): SvdTraining {
  const { dimensions: d, decay } = settings;
  const normals = (rows: number) => Float32Array.from({ length: rows * d }, () => 0.1 * rng.normal());
  const factors: SvdFactors = {
    dimensions: d,
    mean: ratings.values.reduce((sum, r) => sum + r, 0) / ratings.values.length,
    userBias: new Float32Array(ratings.rows),
    itemBias: new Float32Array(ratings.columns),
    users: new Float32Array(ratings.rows * d),
    items: normals(ratings.columns),
    implicit: settings.implicit ? normals(ratings.columns) : new Float32Array(0),
  };
  const own = normals(ratings.rows);
  // Shuffled further with each epoch. User numbers are exact as float32 up to 2^24.
  const order = Float32Array.from({ length: ratings.rows }, (_, u) => u);
  const { userBias, itemBias, items, implicit } = factors;
  const working: Record<string, Float32Array> = { userBias, itemBias, items, implicit, own, order };
  if (before) startFrom(working, before, d);
  let epoch = 0;
  let rate = settings.learningRate;
  const writeUsers = () => {
    for (let u = 0; u < ratings.rows; u++) writeUser(ratings, u, factors, own);
  };
  if (from) {
    for (const [name, values] of Object.entries(working)) values.set(from.values[name]!);
    rng.restore(from.rng);
    for (; epoch < from.epoch; epoch++) rate *= decay;
    writeUsers();
  }
  return {
    factors,
    runEpoch() {
      for (const user of rng.shuffle(order)) stepUser({ ratings, factors, own, settings, rng }, user, rate);
      rate *= decay;
      epoch++;
      writeUsers();
    },
    state: () => ({
      epoch,
      values: Object.fromEntries(Object.entries(working).map(([name, values]) => [name, values.slice()])),
      rng: rng.state(),
    }),
  };
}

/** Overwrites the random start. The numbers of users, which are the same ones, stay as they were. */
function startFrom(working: Record<string, Float32Array>, before: WarmStart, d: number): void {
  const widths = {
    userBias: 1,
    itemBias: 1,
    own: d,
    items: d,
    ...(working.implicit!.length > 0 && { implicit: d }),
  };
  const fresh = Object.entries(widths).map(([name, width]) => {
    const values = working[name]!;
    return [name, { shape: [values.length / width, width], values }];
  });
  const start = startedFrom(Object.fromEntries(fresh), before, ['itemBias', 'items', 'implicit']);
  for (const [name, { values }] of Object.entries(start)) working[name]!.set(values);
}

/** Computes p_u, [users, d], from p_u + z_u. */
export function ownVectors(ratings: Csr, { dimensions: d, users, implicit }: SvdFactors): Float32Array {
  const own = users.slice();
  for (let user = 0; user < ratings.rows; user++) {
    const z = implicitOf(ratings, user, implicit, d);
    for (let k = 0; k < d; k++) own[user * d + k]! -= z[k]!;
  }
  return own;
}

/** Computes z_u, which is zero without implicit rows. */
function implicitOf(ratings: Csr, user: number, implicit: Float32Array, d: number): Float64Array {
  const z = new Float64Array(d);
  const n = rowLength(ratings, user);
  if (implicit.length === 0 || n === 0) return z;
  for (let p = ratings.indptr[user]!; p < ratings.indptr[user + 1]!; p++) {
    const from = ratings.indices[p]! * d;
    for (let k = 0; k < d; k++) z[k]! += implicit[from + k]!;
  }
  const norm = 1 / Math.sqrt(n);
  return z.map((x) => x * norm);
}

function writeUser(ratings: Csr, user: number, factors: SvdFactors, own: Float32Array): void {
  const { dimensions: d, users, implicit } = factors;
  const z = implicitOf(ratings, user, implicit, d);
  for (let k = 0; k < d; k++) users[user * d + k] = own[user * d + k]! + z[k]!;
}

interface Work {
  ratings: Csr;
  factors: SvdFactors;
  /** [users, d] p_u */
  own: Float32Array;
  settings: SvdSettings;
  rng: Rng;
  /** True where only the user learns, one who comes later. */
  itemsStay?: boolean;
}

function stepUser(
  { ratings, factors, own, settings, rng, itemsStay = false }: Work,
  user: number,
  rate: number,
): void {
  const { dimensions: d, mean, userBias, itemBias, items, implicit } = factors;
  const { regularization, biasRegularization } = settings;
  const n = rowLength(ratings, user);
  if (n === 0) return;
  const before = implicitOf(ratings, user, implicit, d);
  const z = before.slice();
  const positions = rng.shuffle(Int32Array.from({ length: n }, (_, i) => ratings.indptr[user]! + i));
  const shrink = 1 - rate * regularization;
  for (const p of positions) {
    const item = ratings.indices[p]!;
    const q = item * d;
    const u = user * d;
    let product = 0;
    for (let k = 0; k < d; k++) product += items[q + k]! * (own[u + k]! + z[k]!);
    const error = ratings.values[p]! - (mean + userBias[user]! + itemBias[item]! + product);
    userBias[user]! += rate * (error - biasRegularization * userBias[user]!);
    if (!itemsStay) itemBias[item]! += rate * (error - biasRegularization * itemBias[item]!);
    for (let k = 0; k < d; k++) {
      const mine = own[u + k]!;
      const its = items[q + k]!;
      own[u + k] = mine * shrink + rate * error * its;
      if (itemsStay) continue;
      items[q + k] = its * shrink + rate * error * (mine + z[k]!);
      if (implicit.length > 0) z[k] = z[k]! * shrink + rate * error * its;
    }
  }
  if (itemsStay || implicit.length === 0) return;
  // Every y_j got the same increments, of which z holds n / sqrt(n) times the sum.
  const left = shrink ** n;
  for (let k = 0; k < d; k++) {
    const gained = (z[k]! - left * before[k]!) / Math.sqrt(n);
    for (const p of positions) {
      const at = ratings.indices[p]! * d + k;
      implicit[at] = implicit[at]! * left + gained;
    }
  }
}

const FOLD_STEPS = 40;

/**
 * Finds vectors [rows, d] and biases [rows] of users who come later, with the items as they are. Each user draws numbers of
 * their own, so that the answer does not depend on who else is asked about.
 */
export function foldSvdUsers(
  ratings: Csr,
  factors: SvdFactors,
  settings: SvdSettings,
): Pick<SvdFactors, 'users' | 'userBias'> {
  const d = factors.dimensions;
  const mine = {
    ...factors,
    users: new Float32Array(ratings.rows * d),
    userBias: new Float32Array(ratings.rows),
  };
  const own = new Float32Array(ratings.rows * d);
  for (let user = 0; user < ratings.rows; user++) {
    const rng = createRng(0);
    let rate = settings.learningRate;
    for (let step = 0; step < FOLD_STEPS; step++) {
      stepUser({ ratings, factors: mine, own, settings, rng, itemsStay: true }, user, rate);
      rate *= settings.decay;
    }
    writeUser(ratings, user, mine, own);
  }
  return mine;
}
