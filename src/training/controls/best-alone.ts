import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { usersWithHistory } from '../../dataset/batches.ts';
import { type Csr, columnSums, selectRows } from '../../dataset/matrix.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { TrainingContext } from '../../teacher/contract.ts';
import { bareProgress } from '../../tensor/train/progress.ts';
import { type CandidateContext, candidatesFor, planWidths } from './candidates.ts';
import { type RoundedModel, rounded, type SmallModel, scoresOfModel } from './small-model.ts';

/** The best small model without a teacher, at the student's bytes and cost of serving. */
export interface BestAlone extends RoundedModel {
  /**
   * All that was tried with its metric on validation, in order; the first where there is no validation. `users` of all were enough to
   * choose by, where there are very many pairs.
   */
  tried: { model: string; metric: number | null; users?: number }[];
}

export interface BestAloneLesson {
  /** [users, items] what it learns from while validation chooses. */
  train: Csr;
  /** [users, items] what it learns from in the end: the pairs that the student learned from. */
  learned: Csr;
  student: StudentSettings;
  validation: Pick<NonNullable<TrainingContext['validation']>, 'metric'> | undefined;
  /** Pairs on which models are compared, where there are more. */
  enough?: number;
}

/** Pairs on which models are compared; the best is trained on all of them. */
const CHOSEN_ON_PAIRS = 1_000_000;

/**
 * Tries a few linear models whose settings are known to be good, chooses by the validation metric that chooses everything else
 * in the job, and trains the best anew on what the student learned from.
 * @throws problem('cancelled')
 */
export async function trainBestAlone(
  { train, learned, student, validation, enough = CHOSEN_ON_PAIRS }: BestAloneLesson,
  { engine, rng, signal, onProgress }: Pick<TrainingContext, 'engine' | 'rng' | 'signal' | 'onProgress'>,
): Promise<BestAlone> {
  const candidates = candidatesFor(train, planWidths(student)).slice(0, validation ? undefined : 1);
  const draws = rng.fork('best-alone');
  const some = validation ? fewPairs(train, enough, rng.fork('best-alone-users')) : train;
  const loops = candidates.length + Number(learned !== some);
  const contextOf = (loop: number): CandidateContext => ({
    engine,
    rng: draws,
    async step(done = 0) {
      onProgress({ ...bareProgress((loop + done) / loops), epoch: loop + 1, epochs: loops });
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    },
  });
  const tried: BestAlone['tried'] = [];
  let best: { candidate: number; model: number; metric: number; fitted: SmallModel } | undefined;
  for (const [at, candidate] of candidates.entries()) {
    for (const [i, model] of (await candidate.fit(some, contextOf(at))).entries()) {
      const metric = validation ? await validation.metric(scoresOfModel(engine, model)) : null;
      tried.push({ model: model.description, metric, ...(some !== train && { users: some.rows }) });
      if (!best || (metric ?? 0) > best.metric)
        best = { candidate: at, model: i, metric: metric ?? 0, fitted: model };
    }
  }
  const { candidate, model, fitted } = best!;
  const last =
    learned === some
      ? fitted
      : (await candidates[candidate]!.fit(learned, contextOf(candidates.length)))[model]!;
  return { ...rounded(engine, last, student, columnSums(learned)), tried };
}

/** The pairs of some users, about as many pairs as are enough. */
function fewPairs(pairs: Csr, enough: number, rng: Rng): Csr {
  const share = enough / pairs.indices.length;
  if (share >= 1) return pairs;
  const all = usersWithHistory(pairs);
  return selectRows(
    pairs,
    rng
      .shuffle(all)
      .subarray(0, Math.ceil(share * all.length))
      .sort(),
  );
}
