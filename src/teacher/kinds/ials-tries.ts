import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import type { ModelValidation, TrainingContext } from '../contract.ts';
import { createIalsRounds } from './ials-rounds.ts';
import { metricOf } from './ials-scores.ts';

/**
 * Pairs of a factor on the planned weight of unobserved pairs and a regularization. On the validation parts of MovieLens-100K and
 * citeulike one of them was the best, or within 2 % of it, of all pairs of .25, 1, 4 and .001, .003, .01, .03; exponents of the
 * frequency below 1 in the ridge (0, .5) and more than these gave nothing.
 */
const TRIES = [
  { factor: 1, regularization: 0.01 },
  { factor: 0.25, regularization: 0.03 },
  { factor: 0.25, regularization: 0.01 },
  { factor: 1, regularization: 0.003 },
  { factor: 4, regularization: 0.003 },
];
/** Vectors are at most so wide while settings are compared. */
export const COMPARED_WIDTH = 64;
/** Rounds of all tries, and those that the better half of them has beside. */
const EARLY_ROUNDS = 2;
const SURVIVORS = 2;

/** The settings of iALS among which validation chooses, the first for where there is none. */
export function planTries(unobservedWeight: number): Ridge[] {
  return TRIES.map(({ factor, regularization }) => ({
    unobservedWeight: factor * unobservedWeight,
    regularization,
  }));
}

/** Rounds of width 64 or less that the choice among so many settings takes. */
export const roundsOfTries = (tries: number): number => (tries < 2 ? 0 : EARLY_ROUNDS * (tries + SURVIVORS));

/**
 * Chooses among settings by successive halving (Jamieson & Talwalkar, AISTATS 2016): two rounds of narrow vectors for each, and two
 * more for the two that are best by then.
 * @throws problem('cancelled')
 */
export async function chooseRidge(
  tries: readonly Ridge[],
  dimensions: number,
  context: TrainingContext & { validation: ModelValidation },
): Promise<Ridge> {
  const width = Math.min(COMPARED_WIDTH, dimensions);
  const trials: Trial[] = tries.map((ridge) => ({ settings: { ...ridge, dimensions: width }, metric: 0 }));
  const report = createReport(context, roundsOfTries(tries.length));
  for (const trial of trials) await improve(trial, context, report);
  const best = trials.sort((a, b) => b.metric - a.metric).slice(0, SURVIVORS);
  for (const trial of best) await improve(trial, context, report);
  const { dimensions: _, ...ridge } = best.reduce((a, b) => (b.metric > a.metric ? b : a)).settings;
  return ridge;
}

interface Trial {
  settings: Ridge & { dimensions: number };
  /** [items, dimensions] after its rounds so far. */
  items?: Float32Array;
  metric: number;
}

async function improve(
  trial: Trial,
  { engine, train, rng, validation }: TrainingContext & { validation: ModelValidation },
  report: Report,
): Promise<void> {
  const { settings, items } = trial;
  const rounds = createIalsRounds(
    engine,
    train,
    settings,
    rng.fork('ials-tries'),
    (random) => items ?? random,
  );
  try {
    for (let round = 0; round < EARLY_ROUNDS; round++) {
      await rounds.round(report.step);
      report.next();
    }
    trial.items = rounds.columns();
  } finally {
    await rounds.close();
  }
  trial.metric = await metricOf(engine, trial.items, settings, validation);
}

interface Report {
  /** Reports the share of a round that is done, lets signals in, and ends the work when it was cancelled. */
  step(share: number): Promise<void>;
  /** Counts a round as done. */
  next(): void;
}

function createReport({ onProgress, signal }: TrainingContext, total: number): Report {
  const started = performance.now();
  let done = 0;
  return {
    async step(share) {
      const fraction = (done + share) / total;
      const elapsed = (performance.now() - started) / 1000;
      const etaSeconds = (elapsed / Math.max(fraction, 1e-9)) * (1 - fraction);
      const ofLoop = { epoch: 1, epochs: 1, step: done, steps: total, losses: {}, learningRate: 0 };
      onProgress({ ...ofLoop, fraction, etaSeconds });
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    },
    next: () => void done++,
  };
}
