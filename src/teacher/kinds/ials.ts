import { setImmediate as breathe } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import { createRowSolver, type RowSolver } from '../../tensor/ridge/solve-rows.ts';
import { createProgress } from '../../tensor/train/progress.ts';
import type { ItemFactors, ModelValidation, Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { paceOf, startedFrom } from '../stored/warm-start.ts';
import { createIalsRounds } from './ials-rounds.ts';

export const IalsSettings = Type.Object({
  kind: Type.Literal('matrix-factorization'),
  objective: Type.Literal('ials'),
  dimensions: Type.Number(),
  epochs: Type.Number(),
  /** See Ridge, as of the regularization. */
  unobservedWeight: Type.Number(),
  regularization: Type.Number(),
});
export type IalsSettings = Static<typeof IalsSettings>;

/**
 * iALS (Hu et al., ICDM 2008; Rendle et al., RecSys 2022): the users' vectors are improved for given items, then the items' for
 * given users. Only the item factors are kept: a user's vector is the solution for the history, so users who were never seen
 * are scored as the others are.
 */
export async function trainIals(settings: IalsSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, train, validation, start, signal } = context;
  const shape = [train.columns, settings.dimensions];
  const { epochs } = paceOf({ ...settings, learningRate: 1 }, start);
  const progress = createProgress(context.onProgress, epochs, STEPS_SHOWN, 0);
  const rounds = createIalsRounds(
    engine,
    train,
    settings,
    context.rng.fork('ials'),
    (values) => startedFrom({ items: { shape, values } }, start, ['items']).items!.values,
  );
  let best = { items: rounds.columns(), epoch: 0, metric: Number.NEGATIVE_INFINITY };
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const now = { epoch, losses: {}, learningRate: 0 };
      const started = performance.now();
      await rounds.round(async (share) => {
        progress.step({ ...now, step: Math.round(share * STEPS_SHOWN) });
        await breathe();
        refuseCancelled(signal);
      });
      const seconds = (performance.now() - started) / 1000;
      const items = rounds.columns();
      const metric = validation && (await metricOf(engine, items, settings, validation));
      progress.epochEnd({ ...now, metric, seconds });
      // Without validation the last is the best.
      if (metric === undefined || metric > best.metric) best = { items, epoch, metric: metric ?? 0 };
      else if (epoch - best.epoch >= Math.min(validation!.patience, PATIENCE)) break;
    }
  } finally {
    await rounds.close();
  }
  const taken = start ? settings.epochs : best.epoch;
  return restoreIals(engine, settings, {
    kind: 'matrix-factorization',
    settings: { ...settings, epochs: taken },
    epochs: taken,
    tensors: { items: { shape, values: best.items } },
  });
}

/** Each epoch solves everything anew: after a few without a better one there will be none. */
const PATIENCE = 3;
/** Steps of an epoch as progress has them. */
const STEPS_SHOWN = 100;

async function metricOf(
  engine: Engine,
  values: Float32Array,
  settings: IalsSettings,
  validation: ModelValidation,
): Promise<number> {
  const items = engine.tf.tensor2d(values, [values.length / settings.dimensions, settings.dimensions]);
  const solver = createRowSolver(engine, values, settings.dimensions, settings);
  try {
    return await validation.metric((h) => readAndDispose(scoresOf(engine, items, h, solver)));
  } finally {
    items.dispose();
  }
}

function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
}

export function restoreIals(engine: Engine, settings: IalsSettings, state: TeacherState): Teacher {
  const { tf } = engine;
  const { shape, values } = state.tensors.items!;
  const items = tf.tensor2d(values, shape as [number, number]);
  const solver = createRowSolver(engine, values, shape[1]!, settings);
  const itemFactors = (sample: Csr) => lineariseIals(engine, values, sample, settings);
  return {
    kind: 'matrix-factorization',
    description: `matrix-factorization ials ${shape[1]}`,
    parameters: values.length,
    bytes: values.byteLength,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, items, histories, solver),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden: (histories) => usersOf(engine, items, histories, solver),
    state: () => state,
    dispose: () => items.dispose(),
  };
}

/** [rows, d] */
function usersOf({ tf }: Engine, items: Tensor, histories: Csr, solver: RowSolver): Tensor {
  return tf.tensor2d(solver.solve(histories), [histories.rows, items.shape[1]!]);
}

function scoresOf(engine: Engine, items: Tensor, histories: Csr, solver: RowSolver): Tensor {
  return engine.tf.tidy(() => engine.linearScores(usersOf(engine, items, histories, solver), items));
}

/** The matrix that is inverted for each user is replaced by its mean over the sample: scores ~ h Y A^-1 Y'. */
export function lineariseIals(
  engine: Engine,
  items: Float32Array,
  sample: Csr,
  settings: Pick<IalsSettings, 'unobservedWeight' | 'regularization' | 'dimensions'>,
): ItemFactors {
  const { tf } = engine;
  const { unobservedWeight, regularization, dimensions } = settings;
  const weights = new Float32Array(sample.columns).fill(unobservedWeight);
  for (let p = 0; p < sample.indices.length; p++) {
    weights[sample.indices[p]!]! += sample.values[p]! / sample.rows;
  }
  const pairs = sample.indices.length / sample.rows;
  const ridge = regularization * (pairs + unobservedWeight * sample.columns);
  const input = tf.tidy(() => {
    const y = tf.tensor2d(items, [sample.columns, dimensions]);
    const weighed = tf.mul(y, tf.tensor2d(weights, [sample.columns, 1]));
    const a = tf.add(tf.matMul(weighed, y, true), tf.mul(tf.eye(dimensions), ridge));
    return tf.transpose(engine.solve(a, tf.transpose(y)));
  });
  return { input: readAndDispose(input), output: items, width: dimensions };
}
