import { type Static, Type } from 'typebox';
import type { Rng } from '../../core/rng.ts';
import { hideRandomly, scaleRows, stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import { type Csr, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters, type NamedTensors } from '../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { createFrozen, type Frozen } from '../stored/frozen.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { paceOf, startedFrom } from '../stored/warm-start.ts';

export const BprSettings = Type.Object({
  kind: Type.Literal('matrix-factorization'),
  objective: Type.Literal('bpr'),
  dimensions: Type.Number(),
  /** Weight of the squared vectors of the users and items of a step. */
  regularization: Type.Number(),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
  /** Pairs of an own and another item that are drawn for each user of a step. */
  negatives: Type.Number(),
  /** Share of the history hidden at each step; own items are drawn from the hidden part, if there is one. */
  dropout: Type.Number(),
});
export type BprSettings = Static<typeof BprSettings>;

/**
 * BPR (Rendle et al., UAI 2009): -log sigmoid(score of an own item - score of another item), on factors. The user's vector is
 * the sum of one vector per item of the history, by the length of the history (as in FISM, Kabbur et al., KDD 2013), and not
 * a vector per user: so users who were never seen, or who saw more since, are scored as the others are. An item asked for is
 * not in the history that it is asked from, else every item would only learn to name itself.
 */
export async function trainBpr(settings: BprSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, rng, train, start } = context;
  const { dimensions } = settings;
  const { epochs, learningRate } = paceOf(settings, start);
  const numbers = rng.fork('bpr-weights');
  const normals = () =>
    Float32Array.from({ length: train.columns * dimensions }, () => 0.1 * numbers.normal());
  const table = () => ({ shape: [train.columns, dimensions], values: normals() });
  const steps = stepsPerEpoch(train, settings.batchSize);
  const fresh = {
    input: table(),
    out: table(),
    c: { shape: [train.columns], values: new Float32Array(train.columns) },
  };
  const parameters = createParameters(engine, startedFrom(fresh, start, Object.keys(fresh)), {
    kind: 'adam',
    learningRate,
    schedule: { kind: 'cosine', totalSteps: steps * epochs, finalFraction: 0.05 },
  });
  const model = { kind: 'matrix-factorization', settings, parameters };
  const draws = rng.fork('bpr-batches');
  const training = fit({
    parameters,
    epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const own = selectRows(train, users);
        const seen = hideRandomly(own, settings.dropout, draws);
        yield {
          x: engine.sparseRows(scaleRows(seen, 'l2')),
          ...drawPairs(own, seen, settings.negatives, draws),
        };
      }
    },
    loss: (p, batch) => pairLoss(engine, p, settings, batch),
    release: ({ x }) => x.dispose(),
    rng: draws,
    ...besides(context, model, (histories) => scoresOf(engine, parameters, histories)),
  });
  return restoreBpr(engine, settings, await trainedState(model, training, start));
}

export function restoreBpr(engine: Engine, { dimensions }: BprSettings, state: TeacherState): Teacher {
  const frozen = createFrozen(engine, state.tensors);
  const itemFactors = () => ({ input: frozen.read('input'), output: frozen.read('out'), width: dimensions });
  return {
    kind: 'matrix-factorization',
    description: `matrix-factorization bpr ${dimensions}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, histories),
    itemFactors,
    project: (directions, width) => projectFactors(engine, itemFactors(), directions, width),
    hidden(histories) {
      const x = engine.sparseRows(scaleRows(histories, 'l2'));
      const users = frozen.evaluate((p) => engine.sparseMatMul(x, p.input!));
      x.dispose();
      return users;
    },
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

interface Pairs {
  /** Row of the batch, own item and other item of each pair. */
  rows: Int32Array;
  own: Int32Array;
  other: Int32Array;
}

function drawPairs(own: Csr, seen: Csr, perUser: number, rng: Rng): Pairs {
  const count = own.rows * perUser;
  const pairs = { rows: new Int32Array(count), own: new Int32Array(count), other: new Int32Array(count) };
  for (let r = 0; r < own.rows; r++) {
    const all = own.indices.subarray(own.indptr[r], own.indptr[r + 1]);
    const shown = new Set(seen.indices.subarray(seen.indptr[r], seen.indptr[r]! + rowLength(seen, r)));
    const hidden = all.filter((item) => !shown.has(item));
    const wanted = hidden.length > 0 ? hidden : all;
    const mine = new Set(all);
    for (let k = 0; k < perUser; k++) {
      const at = r * perUser + k;
      pairs.rows[at] = r;
      pairs.own[at] = wanted[rng.int(wanted.length)]!;
      pairs.other[at] = drawOther(mine, own.columns, rng);
    }
  }
  return pairs;
}

/** Uniform over the items that are not the user's; a user of nearly everything may get an own one after some tries. */
function drawOther(mine: Set<number>, items: number, rng: Rng): number {
  let item = rng.int(items);
  for (let tries = 0; tries < 20 && mine.has(item); tries++) item = rng.int(items);
  return item;
}

function pairLoss(
  engine: Engine,
  p: NamedTensors,
  { regularization }: BprSettings,
  { x, rows, own, other }: Pairs & { x: SparseBatch },
) {
  const { tf } = engine;
  const users = engine.sparseMatMul(x, p.input!);
  const u = tf.gather(users, tf.tensor1d(rows, 'int32'));
  const wanted = engine.gatherRows(p.out!, own);
  const unwanted = engine.gatherRows(p.out!, other);
  const biases = tf.reshape(p.c!, [-1, 1]);
  const biasOf = (ids: Int32Array) => tf.squeeze(tf.gather(biases, tf.tensor1d(ids, 'int32')), [1]);
  const margin = tf.add(tf.sum(tf.mul(u, tf.sub(wanted, unwanted)), 1), tf.sub(biasOf(own), biasOf(other)));
  const bpr = tf.mean(tf.softplus(tf.neg(margin))) as Scalar;
  const squares = tf.add(
    tf.sum(tf.square(u), 1),
    tf.add(tf.sum(tf.square(wanted), 1), tf.sum(tf.square(unwanted), 1)),
  );
  const total = tf.add(bpr, tf.mul(tf.mean(squares), regularization)) as Scalar;
  return { total, parts: { bpr } };
}

function scoresOf(engine: Engine, weights: Pick<Frozen, 'evaluate'>, histories: Csr): Tensor {
  const x = engine.sparseRows(scaleRows(histories, 'l2'));
  try {
    return weights.evaluate((p) => engine.linearScores(engine.sparseMatMul(x, p.input!), p.out!, p.c!));
  } finally {
    x.dispose();
  }
}
