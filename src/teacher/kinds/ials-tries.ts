import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { TrainingContext } from '../contract.ts';
import { type Ridge, solveRows } from './fold-in-solve.ts';
import { createIalsRounds, type IalsRounds } from './ials-rounds.ts';

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
  context: TrainingContext & Required<Pick<TrainingContext, 'validation'>>,
): Promise<Ridge> {
  const width = Math.min(COMPARED_WIDTH, dimensions);
  const trials = tries.map((ridge) => ({
    ridge,
    rounds: createIalsRounds(
      context.engine,
      context.train,
      { ...ridge, dimensions: width },
      context.rng.fork('ials-tries'),
    ),
    metric: 0,
  }));
  const step = createTriesProgress(context, roundsOfTries(tries.length));
  const improve = async (trial: (typeof trials)[number]) => {
    for (let round = 0; round < EARLY_ROUNDS; round++) await step(trial.rounds);
    trial.metric = await metricOf(trial.rounds.items(), width, trial.ridge, context);
  };
  for (const trial of trials) await improve(trial);
  const best = trials.sort((a, b) => b.metric - a.metric).slice(0, SURVIVORS);
  for (const trial of best) await improve(trial);
  return best.reduce((a, b) => (b.metric > a.metric ? b : a)).ridge;
}

function metricOf(
  items: Float32Array,
  width: number,
  ridge: Ridge,
  { engine, train, validation }: TrainingContext & Required<Pick<TrainingContext, 'validation'>>,
): number | Promise<number> {
  const { tf } = engine;
  return validation.metric((histories) =>
    readAndDispose(
      tf.tidy(() => {
        const y = tf.tensor2d(items, [train.columns, width]);
        const users = tf.tensor2d(solveRows(engine, y, histories, ridge), [histories.rows, width]);
        return engine.linearScores(users, y);
      }),
    ),
  );
}

/** Runs one round, reports it as one of `total`, lets signals in, and ends the work when it was cancelled. */
function createTriesProgress({ onProgress, signal }: TrainingContext, total: number) {
  const started = performance.now();
  let done = 0;
  return async (rounds: IalsRounds) => {
    for (const share of rounds.round()) {
      const fraction = (done + share) / total;
      const elapsed = (performance.now() - started) / 1000;
      const ofLoop = { epoch: 1, epochs: 1, step: done, steps: total, losses: {}, learningRate: 0 };
      onProgress({ ...ofLoop, fraction, etaSeconds: (elapsed / fraction) * (1 - fraction) });
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    }
    done++;
  };
}
