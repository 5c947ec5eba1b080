import { type Static, Type } from 'typebox';
import { stepsPerEpoch, userBatches } from '../../dataset/batches.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import { type Csr, columnSums, selectRows } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import { fit } from '../../tensor/train/fit.ts';
import { createParameters } from '../../tensor/train/parameters.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { createFrozen, type Frozen } from '../stored/frozen.ts';
import { besides, trainedState } from '../stored/trained-state.ts';
import { paceOf, startedFrom } from '../stored/warm-start.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';

const ElsaSettings = Type.Object({
  kind: Type.Literal('elsa'),
  dimensions: Type.Number(),
  epochs: Type.Number(),
  batchSize: Type.Number(),
  learningRate: Type.Number(),
});
export type ElsaSettings = Static<typeof ElsaSettings>;

/** Steps of Adam after which little changes; on MovieLens-100K's validation part 64 dimensions are best after about 130. */
const STEPS = 200;
/** The model is validated after about so many steps. */
const VALIDATED_STEPS = 16;
/** Least square of a length that is divided by. */
const TINY = 1e-12;

function planElsa(options: OptionsOf<'elsa'>, { users, items }: DataSize): ElsaSettings {
  const batchSize = options.batchSize ?? (users < 5000 ? 256 : 1024);
  const perEpoch = Math.max(1, Math.ceil(users / batchSize));
  return {
    kind: 'elsa',
    // More fit a small catalogue too closely, and cost too much on a large one.
    dimensions: options.dimensions ?? (items < 5000 ? 64 : 128),
    epochs: options.epochs ?? Math.max(4, Math.ceil(STEPS / perEpoch)),
    batchSize,
    learningRate: options.learningRate ?? 0.1,
  };
}

/**
 * ELSA (Vančura et al., RecSys 2022): scores = x (A A' - I), the rows of A [items, dimensions] of length 1, trained by Adam on the
 * mean of |y / |y| - x / |x||^2 over users. No score of an item is computed in training: with h = x A and G = A'A the parts of
 * the loss are y x' = |h|^2 - |x|^2 and |y|^2 = h G h' - 2 |h|^2 + |x|^2. An item without a pair has a row of zeros.
 */
async function trainElsa(settings: ElsaSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, rng, train, start } = context;
  const { tf } = engine;
  const { epochs, learningRate } = paceOf(settings, start);
  const steps = stepsPerEpoch(train, settings.batchSize);
  const shape = [train.columns, settings.dimensions];
  const normals = rng.fork('elsa-weights');
  // Rows begin about as long as the root of their width, so that a step of Adam turns all of them by the same small angle.
  const length = Math.sqrt(settings.dimensions);
  const random = Float32Array.from(
    { length: train.columns * settings.dimensions },
    () => normals.normal() / length,
  );
  const begun = startedFrom({ items: { shape, values: random } }, start, ['items']).items!;
  const items = { shape, values: begun.values.map((x) => x * length) };
  const parameters = createParameters(
    engine,
    { items },
    {
      kind: 'adam',
      learningRate,
      schedule: { kind: 'cosine', totalSteps: steps * epochs, finalFraction: 0.05 },
    },
  );
  const known = tf.tensor2d(
    columnSums(train).map((sum) => Number(sum > 0)),
    [train.columns, 1],
  );
  const draws = rng.fork('elsa-batches');
  const unit = (items: Tensor) => tf.mul(unitRows(engine, items), known) as Tensor;
  const training = fit({
    parameters,
    epochs,
    stepsPerEpoch: steps,
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws))
        yield engine.sparseRows(selectRows(train, users));
    },
    loss: (p, x) => cosineLoss(engine, unit(p.items!), x),
    release: (x) => x.dispose(),
    rng: draws,
    ...besides(sparselyValidated(context, steps), { kind: 'elsa', settings, parameters }, (histories) =>
      scoresOf(
        engine,
        { evaluate: (use) => parameters.evaluate((p) => use({ items: unit(p.items!) })) },
        histories,
      ),
    ),
  });
  try {
    const state = await trainedState({ kind: 'elsa', settings, parameters }, training, start);
    return restoreElsa(engine, settings, withUnitRows(engine, state, unit));
  } finally {
    known.dispose();
  }
}

/** Rows of length 1. */
function unitRows({ tf }: Engine, rows: Tensor): Tensor {
  return tf.div(rows, tf.sqrt(tf.add(tf.sum(tf.square(rows), 1, true), TINY)));
}

/** 2 - 2 cos(y, x), which is |y / |y| - x / |x||^2, in the mean over the users of the batch. */
function cosineLoss(
  engine: Engine,
  items: Tensor,
  x: SparseBatch,
): { total: Scalar; parts: Record<string, Scalar> } {
  const { tf } = engine;
  const squares = tf.tensor1d(squaresOf(x));
  const h = engine.sparseMatMul(x, items);
  const own = tf.sum(tf.square(h), 1);
  const all = tf.sum(tf.mul(tf.matMul(h, tf.matMul(items, items, true)), h), 1);
  const length = tf.add(tf.sub(all, tf.mul(own, 2)), squares);
  // Rounding can make a square of nearly zero negative.
  const lengths = tf.sqrt(tf.mul(tf.maximum(length, TINY), squares));
  const cosine = tf.div(tf.sub(own, squares), lengths);
  const total = tf.sub(2, tf.mul(tf.mean(cosine), 2)) as Scalar;
  return { total, parts: { cosine: total } };
}

function squaresOf({ source, rows }: SparseBatch): Float32Array {
  const squares = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let p = source.indptr[row]!; p < source.indptr[row + 1]!; p++)
      squares[row]! += source.values[p]! ** 2;
  }
  return squares;
}

/** An epoch of a few steps is not worth a ranking of the whole catalogue. */
function sparselyValidated(context: TrainingContext, steps: number): TrainingContext {
  const { validation } = context;
  if (!validation) return context;
  const every = validation.every * Math.max(1, Math.round(VALIDATED_STEPS / steps));
  return { ...context, validation: { ...validation, every, patience: Math.min(3, validation.patience) } };
}

function withUnitRows({ tf }: Engine, state: TeacherState, unit: (items: Tensor) => Tensor): TeacherState {
  const { shape, values } = state.tensors.items!;
  const rows = tf.tidy(() => unit(tf.tensor2d(values, shape as [number, number])));
  return { ...state, tensors: { items: { shape, values: readAndDispose(rows) } } };
}

function scoresOf(engine: Engine, weights: Pick<Frozen, 'evaluate'>, histories: Csr): Tensor {
  const x = engine.sparseRows(histories);
  try {
    return weights.evaluate(({ items }) =>
      engine.tf.sub(engine.linearScores(engine.sparseMatMul(x, items!), items!), engine.toDense(x)),
    );
  } finally {
    x.dispose();
  }
}

function restoreElsa(engine: Engine, settings: ElsaSettings, state: TeacherState): Teacher {
  const { tf } = engine;
  const frozen = createFrozen(engine, state.tensors);
  return {
    kind: 'elsa',
    description: `elsa ${settings.dimensions}`,
    parameters: frozen.count,
    bytes: frozen.count * Float32Array.BYTES_PER_ELEMENT,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, frozen, histories),
    project(directions, width) {
      return readAndDispose(
        frozen.evaluate(({ items }) => {
          const v = tf.tensor2d(directions, [directions.length / width, width]);
          return tf.sub(tf.matMul(items!, tf.matMul(items!, v, true)), v) as Tensor;
        }),
      );
    },
    state: () => ({ ...state, tensors: frozen.tensors() }),
    dispose: () => frozen.dispose(),
  };
}

function elsaSeconds({ dimensions: d, epochs, batchSize }: ElsaSettings, size: DataSize): number {
  const { users, items } = size;
  const pairs = pairsOf(size);
  const steps = epochs * Math.max(1, Math.ceil(users / batchSize));
  const step = secondsOf({
    // The products with the batch, and Adam on all rows.
    loops: (6 * d * pairs * Math.min(batchSize, users)) / users + 10 * items * d,
    dense: 6 * items * d * d,
  });
  const validations = steps / VALIDATED_STEPS;
  return steps * step + validations * validationSeconds(size, { dense: 2 * d * items });
}

export const elsa: TeacherMaker<typeof ElsaSettings> = {
  kind: 'elsa',
  settings: ElsaSettings,
  plan: planElsa,
  seconds: elsaSeconds,
  continues: true,
  train: trainElsa,
  restore: restoreElsa,
};
