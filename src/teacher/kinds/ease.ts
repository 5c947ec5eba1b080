import { type Static, Type } from 'typebox';
import type { DataSize } from '../../dataset/data-size.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { Engine } from '../../tensor/engine.ts';
import { unfoldBlocks } from '../../tensor/linalg/block-inverse.ts';
import type { Teacher, TeacherState, TrainingContext } from '../contract.ts';
import type { TeacherMaker } from '../maker.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import { createDual, restoreDual } from './ease-dual.ts';
import type { EaseForm } from './ease-form.ts';
import { createPrimal, restorePrimal } from './ease-primal.ts';
import { bytesOfRidges, inverseMiB, refuseTooLarge, trainByRidge } from './ridge-inverse.ts';

const EaseSettings = Type.Object({
  kind: Type.Literal('ease'),
  /** Ridge; of several the best on validation is kept, without validation the first. */
  lambda: Type.Array(Type.Number(), { minItems: 1 }),
  /** Inverts [items, items] or [users, users]; the scores are the same. */
  form: Type.Enum(['primal', 'dual']),
});
export type EaseSettings = Static<typeof EaseSettings>;

/** Rows of a matrix that is inverted in half a minute, or in a quarter of that at 8,000, for each lambda. */
const QUICK_INVERSE = 15_000;

/** The best lambda grows with the number of pairs; the first is used where nothing is held out to choose by. */
function planEase({ lambda }: OptionsOf<'ease'>, { users, items }: DataSize): EaseSettings {
  const form = users < items ? 'dual' : 'primal';
  if (lambda !== undefined) return { kind: 'ease', lambda: [lambda], form };
  const rows = Math.min(users, items);
  if (rows <= 3_000) return { kind: 'ease', lambda: [100, 20, 50, 200, 500, 1000], form };
  if (rows <= 8_000) return { kind: 'ease', lambda: [100, 25, 50, 200], form };
  if (rows <= QUICK_INVERSE) return { kind: 'ease', lambda: [100, 400], form };
  return { kind: 'ease', lambda: [100], form };
}

/**
 * EASE (Steck, WWW 2019): B = I - P diag(1 / diag P) with P = (X'X + lambda I)^-1, scores = h B. Where there are fewer users
 * than items the same scores come from K = XX' + lambda I, as P = (I - X' K^-1 X) / lambda, and no items^2 matrix exists.
 *
 * @throws out-of-memory, before anything is computed, where the inverse does not fit
 */
export async function trainEaseTeacher(settings: EaseSettings, context: TrainingContext): Promise<Teacher> {
  const { engine, train } = context;
  const { form } = settings;
  refuse(settings, train);
  return trainByRidge(
    context,
    { matrix: form === 'primal' ? train : transpose(train), lambdas: settings.lambda },
    (inverse, lambda) => {
      const solved =
        form === 'primal'
          ? createPrimal(engine, inverse)
          : createDual(engine, { train, lambda, rows: unfoldBlocks(engine, inverse) });
      return easeTeacher({ ...settings, lambda: [lambda] }, solved, train.columns);
    },
  );
}

function restoreEase(engine: Engine, settings: EaseSettings, state: TeacherState): Teacher {
  const restore = settings.form === 'primal' ? restorePrimal : restoreDual;
  const form = restore(engine, state.tensors, settings.lambda[0]!);
  return easeTeacher(settings, form, form.items);
}

function easeTeacher(settings: EaseSettings, form: EaseForm, items: number): Teacher {
  return {
    kind: 'ease',
    description: `ease lambda ${settings.lambda[0]}`,
    // What a served model would store, the item-item matrix, whichever form computes with it.
    parameters: items * items,
    bytes: items * items * Float32Array.BYTES_PER_ELEMENT,
    epochs: 1,
    settings: { ...settings },
    scores: form.scores,
    project: form.project,
    state: () => ({ kind: 'ease', settings: { ...settings }, epochs: 1, tensors: form.tensors() }),
    dispose: form.dispose,
  };
}

function refuse({ form, lambda }: EaseSettings, train: Csr): void {
  const n = form === 'primal' ? train.columns : train.rows;
  const what = `ease inverts a matrix of ${n} x ${n} for ${train.rows} users and ${train.columns} items`;
  refuseTooLarge(what, n, bytesOfRidges(n, lambda.length), 'use graph-filter or matrix-factorization');
}

/** The best one so far, the inverse of the next one and its weights are held at once. */
function easeMemoryMiB({ form }: EaseSettings, { users, items }: DataSize): number {
  return inverseMiB(form === 'primal' ? items : users, 3);
}

function easeSeconds({ lambda, form }: EaseSettings, size: DataSize): number {
  const n = form === 'primal' ? size.items : size.users;
  const pairs = pairsOf(size);
  const gram = { loops: (pairs * pairs) / (form === 'primal' ? size.users : size.items) };
  const perUser = form === 'primal' ? { loops: (2 * pairs * size.items) / size.users } : { dense: 2 * n * n };
  return lambda.length * (secondsOf({ dense: 2 * n ** 3, ...gram }) + validationSeconds(size, perUser));
}

export const ease: TeacherMaker<typeof EaseSettings> = {
  kind: 'ease',
  settings: EaseSettings,
  plan: planEase,
  seconds: easeSeconds,
  memoryMiB: easeMemoryMiB,
  continues: false,
  train: trainEaseTeacher,
  restore: restoreEase,
};
