import { type Static, Type } from 'typebox';
import type { DataSize } from '../../dataset/data-size.ts';
import { faded } from '../../dataset/faded.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import {
  blockStarts,
  invertBlocks,
  type SymmetricBlocks,
  unfoldBlocks,
} from '../../tensor/linalg/block-inverse.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { createSteps, runAsPart } from './closed-form.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import type { EaseForm } from './ease-form.ts';
import { bandedForm, restorePrimal } from './ease-primal.ts';
import { gramBlocks } from './gram.ts';
import { longEnough } from './next-item/next-items.ts';
import { crossProduct, partialSessions } from './partial-sessions.ts';
import { inverseMiB, refuseTooLarge, sizeOfBlocks, withRidge } from './ridge-inverse.ts';

const SlistSettings = Type.Object({
  kind: Type.Literal('slist'),
  lambda: Type.Number(),
  /** Weight of an item of the history by that of the one after it. */
  recency: Type.Number(),
  /** Weight of a later item by that of the one before it. */
  horizon: Type.Number(),
});
export type SlistSettings = Static<typeof SlistSettings>;

const INSTEAD = 'use sasrec';

function planSlist({ lambda = 80, recency = 0.6, horizon = 0.4 }: OptionsOf<'slist'>): SlistSettings {
  return { kind: 'slist', lambda, recency, horizon };
}

/**
 * SLIT, the part of SLIST (Choi et al., WWW 2021) that reads the order: B = (S'S + lambda I)^-1 S'T, the ridge regression of what came
 * after each place of each history on what came before, both fading with the distance. scores = h B with h faded alike. The diagonal of
 * S'T is left out: no item is to follow itself.
 *
 * @throws out-of-memory, before anything is computed, where the inverse does not fit
 */
export async function trainSlistTeacher(settings: SlistSettings, context: TrainingContext): Promise<Teacher> {
  const { engine } = context;
  const items = context.train.columns;
  refuseTooLarge(`slist inverts a matrix of ${items} x ${items}`, items, inverseBytes(items), INSTEAD);
  const { before, after } = partialSessions(longEnough(context.train), settings);
  const size = sizeOfBlocks(items);
  const count = blockStarts(items, size).length - 1;
  // The Gram matrix, each pivot of its inverse, and the weights.
  const steps = createSteps(context, count + 2);
  const gram = await runAsPart(gramBlocks(engine, before, size), count, steps);
  const blocks = withRidge(engine, gram, settings.lambda);
  engine.tf.dispose(gram.flat());
  try {
    await steps.step();
    await invertBlocks(engine, blocks, steps.step, steps.within);
  } catch (error) {
    engine.tf.dispose(blocks.flat());
    throw error;
  }
  const form = weightsOf(engine, blocks, crossProduct(before, after));
  await steps.step();
  return slistTeacher(settings, form, items);
}

/** P C for the inverse P, row by row of its blocks, which are released; C' P' is the product with the sparse side first. */
function weightsOf(engine: Engine, inverse: SymmetricBlocks, crossed: Csr): EaseForm {
  const { tf } = engine;
  const sparse = engine.sparseRows(crossed);
  try {
    const rows = unfoldBlocks(engine, inverse, (p) => {
      const weights = tf.tidy(() => tf.transpose(engine.sparseMatMulTransposed(sparse, tf.transpose(p))));
      p.dispose();
      return weights;
    });
    return bandedForm(engine, rows);
  } finally {
    sparse.dispose();
  }
}

function slistTeacher(settings: SlistSettings, form: EaseForm, items: number): Teacher {
  const { lambda, recency, horizon } = settings;
  return {
    kind: 'slist',
    description: `slist lambda ${lambda}, recency ${recency}, horizon ${horizon}`,
    parameters: items * items,
    bytes: items * items * Float32Array.BYTES_PER_ELEMENT,
    epochs: 1,
    settings: { ...settings },
    scores: (histories) => form.scores(faded(histories, recency)),
    project: form.project,
    state: () => ({ kind: 'slist', settings: { ...settings }, epochs: 1, tensors: form.tensors() }),
    dispose: form.dispose,
  };
}

function restoreSlist(engine: Engine, settings: SlistSettings, state: TeacherState): Teacher {
  const form = restorePrimal(engine, state.tensors);
  return slistTeacher(settings, form, form.items);
}

/** Half of the inverse while it is computed; all of it and the rows at work while it becomes the weights. */
const inverseBytes = (items: number) => 1.75 * items * items * Float32Array.BYTES_PER_ELEMENT;

/** Items before a place, times items after it, that are met at one place of a history. */
const MET = 12;

function slistSeconds(_: SlistSettings, size: DataSize): number {
  const { items, users } = size;
  const pairs = pairsOf(size);
  return (
    secondsOf({ dense: 2 * items ** 3, loops: 2 * MET * pairs * items }) +
    validationSeconds(size, { loops: (2 * pairs * items) / users })
  );
}

export const slist: TeacherMaker<typeof SlistSettings> = {
  kind: 'slist',
  settings: SlistSettings,
  plan: planSlist,
  seconds: slistSeconds,
  memoryMiB: (_, { items }) => inverseMiB(items, 2),
  continues: false,
  train: trainSlistTeacher,
  restore: restoreSlist,
};
