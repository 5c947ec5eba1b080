import { setImmediate as breathe } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import { problem } from '../../core/errors.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { ItemFactors, Teacher, TeacherState, TrainingContext } from '../contract.ts';
import { projectFactors } from '../stored/project-factors.ts';
import { paceOf, startedFrom } from '../stored/warm-start.ts';
import { solveRows, solveRowsNow } from './fold-in-solve.ts';

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

/** Deviation of the first factors' lengths (Rendle et al., RecSys 2022). */
const START = 0.1;

/**
 * iALS (Hu et al., ICDM 2008; Rendle et al., RecSys 2022): the users' vectors are solved for given items, then the items' for
 * given users. Only the item factors are kept: a user's vector is the solution for the history, so users who were never seen
 * are scored as the others are.
 */
export async function trainIals(settings: IalsSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, train, validation, start } = context;
  const { tf } = engine;
  const d = settings.dimensions;
  const rng = context.rng.fork('ials');
  const users = transpose(train);
  const first = Float32Array.from({ length: train.columns * d }, () => (START / Math.sqrt(d)) * rng.normal());
  const shape = [train.columns, d];
  let items = startedFrom({ items: { shape, values: first } }, start, ['items']).items!.values;
  const { epochs } = paceOf({ ...settings, learningRate: 1 }, start);
  let best = { items, epoch: epochs, metric: Number.NEGATIVE_INFINITY };
  const report = createReport(context, epochs, train.rows + train.columns);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const vectors = await solving(context, items, train, settings, (done) => report(epoch, done));
    items = await solving(context, vectors, users, settings, (done) => report(epoch, train.rows + done));
    if (!validation) {
      best = { items, epoch, metric: 0 };
      report(epoch, train.rows + train.columns, undefined, true);
      continue;
    }
    const factors = tf.tensor2d(items, [train.columns, d]);
    const metric = await validation.metric((h) => readAndDispose(scoresOf(engine, factors, h, settings)));
    factors.dispose();
    if (metric > best.metric) best = { items, epoch, metric };
    report(epoch, train.rows + train.columns, metric, true);
    if (epoch - best.epoch >= Math.min(validation.patience, PATIENCE)) break;
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

/** Reports progress at most ten times a second. */
function createReport({ onProgress }: TrainingContext, epochs: number, steps: number) {
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  let epochStarted = started;
  return (epoch: number, step: number, metric?: number, isEnd = false) => {
    const now = performance.now();
    if (!isEnd && now - last < 100) return;
    last = now;
    const fraction = (epoch - 1 + step / steps) / epochs;
    const etaSeconds = ((now - started) / 1000 / fraction) * (1 - fraction);
    onProgress({
      ...{ epoch, epochs, step, steps, losses: {}, learningRate: 0, fraction, etaSeconds, metric },
      ...(isEnd && { epochEnd: { seconds: (now - epochStarted) / 1000 } }),
    });
    if (isEnd) epochStarted = now;
  };
}

async function solving(
  { engine, signal }: TrainingContext,
  values: Float32Array,
  observed: Csr,
  settings: IalsSettings,
  onDone: (done: number) => void,
): Promise<Float32Array> {
  const { tf } = engine;
  const factors = tf.tensor2d(values, [observed.columns, settings.dimensions]);
  const batches = solveRows(engine, factors, observed, settings);
  try {
    for (;;) {
      const { done, value } = batches.next();
      if (done) return value;
      onDone(value);
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    }
  } finally {
    batches.return(new Float32Array(0));
    factors.dispose();
  }
}

export function restoreIals(engine: Engine, settings: IalsSettings, state: TeacherState): Teacher {
  const { tf } = engine;
  const { shape, values } = state.tensors.items!;
  const items = tf.tensor2d(values, shape as [number, number]);
  const itemFactors = (sample: Csr) => linearised(engine, items, sample, settings);
  return {
    kind: 'matrix-factorization',
    description: `matrix-factorization ials ${shape[1]}`,
    parameters: values.length,
    bytes: values.byteLength,
    epochs: state.epochs,
    settings: state.settings,
    scores: (histories) => scoresOf(engine, items, histories, settings),
    itemFactors,
    project: (directions, width, sample) => projectFactors(engine, itemFactors(sample), directions, width),
    hidden: (histories) => usersOf(engine, items, histories, settings),
    state: () => state,
    dispose: () => items.dispose(),
  };
}

/** [rows, d] */
function usersOf(engine: Engine, items: Tensor, histories: Csr, settings: IalsSettings): Tensor {
  const solved = solveRowsNow(engine, items, histories, settings);
  return engine.tf.tensor2d(solved, [histories.rows, settings.dimensions]);
}

function scoresOf(engine: Engine, items: Tensor, histories: Csr, settings: IalsSettings): Tensor {
  return engine.tf.tidy(() => engine.linearScores(usersOf(engine, items, histories, settings), items));
}

/** The matrix that is inverted for each user is replaced by its mean over the sample: scores ~ h Y A^-1 Y'. */
function linearised(engine: Engine, items: Tensor, sample: Csr, settings: IalsSettings): ItemFactors {
  const { tf } = engine;
  const { unobservedWeight, regularization, dimensions } = settings;
  const weights = new Float32Array(sample.columns).fill(unobservedWeight);
  for (let p = 0; p < sample.indices.length; p++) {
    weights[sample.indices[p]!]! += sample.values[p]! / sample.rows;
  }
  const pairs = sample.indices.length / sample.rows;
  const ridge = regularization * (pairs + unobservedWeight * sample.columns);
  const input = tf.tidy(() => {
    const weighed = tf.mul(items, tf.tensor2d(weights, [sample.columns, 1]));
    const a = tf.add(tf.matMul(weighed, items, true), tf.mul(tf.eye(dimensions), ridge));
    return tf.transpose(engine.solve(a, tf.transpose(items)));
  });
  return { input: readAndDispose(input), output: items.dataSync() as Float32Array, width: dimensions };
}
