import { type Static, Type } from 'typebox';
import type { DataSize } from '../../dataset/data-size.ts';
import { faded } from '../../dataset/faded.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import { type SymmetricBlocks, unfoldBlocks } from '../../tensor/linalg/block-inverse.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import type { EaseForm } from './ease-form.ts';
import { bandedForm, restorePrimal } from './ease-primal.ts';
import { longEnough } from './next-item/next-items.ts';
import { crossProduct, partialSessions } from './partial-sessions.ts';
import { bytesOfRidges, inverseMiB, refuseTooLarge, trainByRidge } from './ridge-inverse.ts';

const SlistSettings = Type.Object({
  kind: Type.Literal('slist'),
  /** Ridge; of several the best on validation is kept, without validation the first. */
  lambda: Type.Array(Type.Number(), { minItems: 1 }),
  /** Weight of an item of the history by that of the one after it. */
  recency: Type.Number(),
  /** Weight of a later item by that of the one before it. */
  horizon: Type.Number(),
});
export type SlistSettings = Static<typeof SlistSettings>;

/** Rows of a matrix that is inverted in seconds, for each ridge. */
const QUICK = 8_000;

/** The first ridge is used where nothing is held out to choose by, and where an inverse takes long. */
function planSlist(
  { lambda, recency = 0.6, horizon = 0.4 }: OptionsOf<'slist'>,
  { items }: DataSize,
): SlistSettings {
  const usual = items <= QUICK ? [80, 20, 300] : [80];
  return { kind: 'slist', lambda: lambda === undefined ? usual : [lambda], recency, horizon };
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
  const bytes = bytesOfRidges(items, lambdas.length);
  refuseTooLarge(`slist inverts a matrix of ${items} x ${items}`, items, bytes, 'use sasrec');
  const { before, after } = partialSessions(longEnough(train), settings);
  const crossed = crossProduct(before, after);
  return trainByRidge(context, { matrix: before, lambdas }, async (inverse, lambda, within) => {
    const weights = await weightsOf(engine, inverse, crossed, within);
    return slistTeacher({ ...settings, lambda: [lambda] }, weights, items);
  });
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

function slistTeacher(settings: SlistSettings, form: EaseForm, items: number): Teacher {
  const { lambda, recency, horizon } = settings;
  return {
    kind: 'slist',
    description: `slist lambda ${lambda[0]}, recency ${recency}, horizon ${horizon}`,
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

/** Items before a place, times items after it, that are met at one place of a history. */
const MET = 12;

function slistSeconds({ lambda }: SlistSettings, size: DataSize): number {
  const { items, users } = size;
  const pairs = pairsOf(size);
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
  memoryMiB: ({ lambda }, { items }) => inverseMiB(items, lambda.length > 1 ? 3 : 2.5),
  continues: false,
  train: trainSlistTeacher,
  restore: restoreSlist,
};
