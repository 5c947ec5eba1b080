import { type Static, Type } from 'typebox';
import { type DataSize, planEpochs } from '../../dataset/data-size.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { TeacherMaker } from '../maker.ts';
import { BprSettings, restoreBpr, trainBpr } from './bpr.ts';
import { pairsOf, secondsOf, validationSeconds } from './cost.ts';
import { IalsSettings, restoreIals, trainIals } from './ials.ts';
import { COMPARED_WIDTH, planTries, roundsOfTries } from './ials-tries.ts';

const MatrixFactorizationSettings = Type.Union([BprSettings, IalsSettings]);

/**
 * All that was not observed weighs fourteen times what was, as in the settings of Rendle et al. (RecSys 2022) for both of their
 * data sets. A fixed weight drowns the history on sparse data: on citeulike's validation part 0.1 gave NDCG@10 .040.
 */
export function planUnobserved({ users, items, pairs }: DataSize): number {
  if (pairs === undefined) return 0.1;
  return Math.min(0.5, Math.max(0.001, (14 * pairs) / (users * items)));
}

/** Plans a factorization that ranks items; those of ratings are planned with their task. */
function planFactorization(
  options: OptionsOf<'matrix-factorization'>,
  size: DataSize,
): Static<typeof MatrixFactorizationSettings> {
  if (options.objective === 'bpr') {
    const batchSize = options.batchSize ?? 512;
    return {
      kind: 'matrix-factorization',
      objective: 'bpr',
      dimensions: options.dimensions ?? 64,
      regularization: options.regularization ?? 0.001,
      epochs: options.epochs ?? planEpochs(size.users, batchSize),
      batchSize,
      learningRate: options.learningRate ?? 0.01,
      negatives: options.negatives ?? 16,
      dropout: options.dropout ?? 0.5,
    };
  }
  const { regularization, unobservedWeight } = options;
  const isOpen = regularization === undefined && unobservedWeight === undefined;
  return {
    kind: 'matrix-factorization',
    objective: 'ials',
    dimensions: options.dimensions ?? 128,
    regularization: regularization ?? 0.01,
    unobservedWeight: unobservedWeight ?? planUnobserved(size),
    epochs: options.epochs ?? 12,
    ...(isOpen && { tries: planTries(planUnobserved(size)) }),
  };
}

/** Multiplications for each pair and dimension in a round, and their time as a share of that of plain loops. */
const PER_PAIR = 14;
const VECTORIZED = 0.5;

/** The rounds of iALS, those of its tries, and a validation after each of them. */
function factorizationSeconds(settings: Static<typeof MatrixFactorizationSettings>, size: DataSize): number {
  if (settings.objective !== 'ials') throw new Error('auto tries ials and not bpr');
  const { users, items } = size;
  const pairs = pairsOf(size);
  const rounds = (count: number, d: number) =>
    count *
    (secondsOf({ loops: (PER_PAIR * pairs + (users + items) * 2 * d) * d * VECTORIZED }) +
      validationSeconds(size, { loops: PER_PAIR * (pairs / users) * d * 4, dense: 2 * d * items }));
  const tries = settings.tries?.length ?? 1;
  return (
    rounds(settings.epochs, settings.dimensions) +
    rounds(roundsOfTries(tries), Math.min(COMPARED_WIDTH, settings.dimensions))
  );
}

export const matrixFactorization: TeacherMaker<typeof MatrixFactorizationSettings> = {
  kind: 'matrix-factorization',
  settings: MatrixFactorizationSettings,
  plan: planFactorization,
  seconds: factorizationSeconds,
  continues: true,
  train: (settings, context) =>
    settings.objective === 'ials' ? trainIals(settings, context) : trainBpr(settings, context),
  restore: (engine, settings, state) =>
    settings.objective === 'ials'
      ? restoreIals(engine, settings, state)
      : restoreBpr(engine, settings, state),
};
