import { type Static, Type } from 'typebox';
import type { DataSize } from '../../dataset/data-size.ts';
import { faded } from '../../dataset/faded.ts';
import { type Csr, columnSums } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import { type SymmetricBlocks, unfoldBlocks } from '../../tensor/linalg/block-inverse.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { csrFromTensors } from '../stored/csr-state.ts';
import { createSteps } from './closed-form.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import type { EaseForm } from './ease-form.ts';
import { bandedForm, restorePrimal } from './ease-primal.ts';
import { longEnough } from './next-item/next-items.ts';
import { crossProduct, partialSessions } from './partial-sessions.ts';
import { bytesOfRidges, inverseMiB, refuseTooLarge, trainByRidge } from './ridge-inverse.ts';
import { scaledRows, transitionCounts } from './transition-counts.ts';

const SlistSettings = Type.Object({
  kind: Type.Literal('slist'),
  /** Ridge; of several the best on validation is kept, without validation the first. */
  lambda: Type.Array(Type.Number(), { minItems: 1 }),
  /** Inverts the Gram matrix, or its diagonal alone. */
  form: Type.Enum(['full', 'diagonal']),
  /** Weight of an item of the history by that of the one after it. */
  recency: Type.Number(),
  /** Weight of a later item by that of the one before it. */
  horizon: Type.Number(),
});
export type SlistSettings = Static<typeof SlistSettings>;

/** Rows of a matrix that is inverted in seconds, for each ridge. */
const QUICK = 8_000;
/** Beyond this many items the inverse takes more than half a minute, and says little more than its diagonal. */
const MOST_INVERTED = 15_000;
/** Matrices of items x items that are held at once. */
const MATRICES = 3;

/** The first ridge is used where nothing is held out to choose by, and where an inverse takes long. */
function planSlist(
  { lambda, form, recency = 0.6, horizon = 0.4 }: OptionsOf<'slist'>,
  { items, memoryMiB = Number.POSITIVE_INFINITY }: DataSize,
): SlistSettings {
  const fits = items <= MOST_INVERTED && inverseMiB(items, MATRICES) <= memoryMiB;
  const planned = form ?? (fits ? 'full' : 'diagonal');
  const usual = planned === 'diagonal' || items <= QUICK ? [80, 20, 300] : [80];
  return {
    ...{ kind: 'slist', lambda: lambda === undefined ? usual : [lambda] },
    ...{ form: planned, recency, horizon },
  };
}

/**
 * SLIT, the part of SLIST (Choi et al., WWW 2021) that reads the order: B = (S'S + lambda I)^-1 S'T, the ridge regression of what came
 * after each place of each history on what came before, both fading with the distance. scores = h B with h faded alike. The diagonal of
 * S'T is left out: no item is to follow itself.
 *
 * @throws out-of-memory, before anything is computed, where the inverse does not fit
 */
export async function trainSlistTeacher(settings: SlistSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, train } = context;
  const { lambda: lambdas } = settings;
  const items = train.columns;
  if (settings.form === 'full') {
    const bytes = bytesOfRidges(items, lambdas.length);
    refuseTooLarge(`slist inverts a matrix of ${items} x ${items}`, items, bytes, 'use form diagonal');
  }
  const { before, after } = partialSessions(longEnough(train), settings);
  const crossed = crossProduct(before, after);
  if (settings.form === 'diagonal') return trainDiagonal(settings, context, before, crossed);
  return trainByRidge(context, { matrix: before, lambdas }, async (inverse, lambda, within) => {
    const weights = await weightsOf(engine, inverse, crossed, within);
    return slistTeacher({ ...settings, lambda: [lambda] }, weights, items);
  });
}

/** S'T with each row divided by lambda and the squared weights of its item in S: the solution where items never meet in S. */
async function trainDiagonal(
  settings: SlistSettings,
  context: TrainingContext,
  before: Csr,
  crossed: Csr,
): Promise<Teacher> {
  const { engine, validation } = context;
  const lambdas = validation ? settings.lambda : settings.lambda.slice(0, 1);
  const squares = columnSums({ ...before, values: before.values.map((x) => x * x) });
  const steps = createSteps(context, lambdas.length);
  let best: { teacher: Teacher; metric: number } | undefined;
  for (const lambda of lambdas) {
    const weights = scaledRows(
      crossed,
      squares.map((sum) => 1 / (sum + lambda)),
    );
    const teacher = slistTeacher(
      { ...settings, lambda: [lambda] },
      transitionCounts(engine, weights),
      crossed.columns,
    );
    const metric =
      lambdas.length > 1 ? await validation!.metric((h) => readAndDispose(teacher.scores(h))) : 0;
    // There is nothing to release.
    if (!best || metric > best.metric) best = { teacher, metric };
    await steps.step();
  }
  return best!.teacher;
}

/**
 * P C for the inverse P, whose blocks are released. Its rows are replaced by those of the product, some at a time; C' P' is the product
 * with the sparse side first.
 * @throws problem('cancelled') by `within`
 */
async function weightsOf(
  engine: Engine,
  inverse: SymmetricBlocks,
  crossed: Csr,
  within: (share: number) => Promise<void>,
): Promise<EaseForm> {
  const { tf } = engine;
  const sparse = engine.sparseRows(crossed);
  const rows = unfoldBlocks(engine, inverse);
  try {
    for (const [i, p] of rows.entries()) {
      rows[i] = tf.tidy(() => tf.transpose(engine.sparseMatMulTransposed(sparse, tf.transpose(p))));
      p.dispose();
      await within((i + 1) / (rows.length + 1));
    }
    return bandedForm(engine, rows);
  } catch (error) {
    tf.dispose(rows);
    throw error;
  } finally {
    sparse.dispose();
  }
}

/** @param stored weights, where not all of [items, items] are */
function slistTeacher(settings: SlistSettings, form: EaseForm & { stored?: number }, items: number): Teacher {
  const { lambda, recency, horizon } = settings;
  const parameters = form.stored ?? items * items;
  const remark = settings.form === 'diagonal' ? ', diagonal' : '';
  return {
    kind: 'slist',
    description: `slist lambda ${lambda[0]}, recency ${recency}, horizon ${horizon}${remark}`,
    parameters,
    // A sparse weight has its column beside it.
    bytes: (form.stored ? 2 : 1) * parameters * Float32Array.BYTES_PER_ELEMENT,
    epochs: 1,
    settings: { ...settings },
    scores: (histories) => form.scores(faded(histories, recency)),
    project: form.project,
    state: () => ({ kind: 'slist', settings: { ...settings }, epochs: 1, tensors: form.tensors() }),
    dispose: form.dispose,
  };
}

function restoreSlist(engine: Engine, settings: SlistSettings, state: TeacherState): Teacher {
  if (settings.form === 'diagonal') {
    const weights = csrFromTensors(state.tensors);
    return slistTeacher(settings, transitionCounts(engine, weights), weights.columns);
  }
  const form = restorePrimal(engine, state.tensors);
  return slistTeacher(settings, form, form.items);
}

/** Items before a place, times items after it, that are met at one place of a history. */
const MET = 12;

function slistSeconds({ lambda, form }: SlistSettings, size: DataSize): number {
  const { items, users } = size;
  const pairs = pairsOf(size);
  if (form === 'diagonal') {
    const perUser = { loops: (4 * MET * pairs * pairs) / (users * items) };
    return secondsOf({ loops: 40 * MET * pairs }) + lambda.length * validationSeconds(size, perUser);
  }
  return (
    lambda.length *
    (secondsOf({ dense: 2 * items ** 3, loops: 2 * MET * pairs * items }) +
      validationSeconds(size, { loops: (2 * pairs * items) / users }))
  );
}

export const slist: TeacherMaker<typeof SlistSettings> = {
  kind: 'slist',
  settings: SlistSettings,
  plan: planSlist,
  seconds: slistSeconds,
  memoryMiB: ({ form }, { items }) => (form === 'full' ? inverseMiB(items, MATRICES) : 0),
  continues: false,
  train: trainSlistTeacher,
  restore: restoreSlist,
};
