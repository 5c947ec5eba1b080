import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { type Csr, columnSums } from '../../dataset/matrix.ts';
import type { StudentSettings } from '../../student/settings.ts';
import type { TrainingContext } from '../../teacher/contract.ts';
import { type CandidateContext, candidatesFor, planWidths } from './candidates.ts';
import { type RoundedModel, rounded, type SmallModel, scoresOfModel } from './small-model.ts';

/** The best small model without a teacher, at the student's bytes and cost of serving. */
export interface BestAlone extends RoundedModel {
  /** All that was tried with its metric on validation, in order; the first where there is no validation. */
  tried: { model: string; metric: number | null }[];
}

export interface BestAloneLesson {
  /** [users, items] what it learns from while validation chooses. */
  train: Csr;
  /** [users, items] what it learns from in the end: the pairs that the student learned from. */
  learned: Csr;
  student: StudentSettings;
  validation: Pick<NonNullable<TrainingContext['validation']>, 'metric'> | undefined;
}

/**
 * Tries a few linear models whose settings are known to be good, chooses by the validation metric that chooses everything else
 * in the job, and trains the best anew on what the student learned from.
 * @throws problem('cancelled')
 */
export async function trainBestAlone(
  { train, learned, student, validation }: BestAloneLesson,
  { engine, rng, signal, onProgress }: Pick<TrainingContext, 'engine' | 'rng' | 'signal' | 'onProgress'>,
): Promise<BestAlone> {
  const candidates = candidatesFor(train, planWidths(student)).slice(0, validation ? undefined : 1);
  const draws = rng.fork('best-alone');
  const loops = candidates.length + Number(learned !== train);
  const contextOf = (loop: number): CandidateContext => ({
    engine,
    rng: draws,
    async step() {
      const shared = { epoch: loop + 1, epochs: loops, step: 0, steps: 1, losses: {}, learningRate: 0 };
      onProgress({ ...shared, fraction: loop / loops, etaSeconds: 0 });
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
    },
  });
  const tried: BestAlone['tried'] = [];
  let best: { candidate: number; model: number; metric: number; fitted: SmallModel } | undefined;
  for (const [at, candidate] of candidates.entries()) {
    for (const [i, model] of (await candidate.fit(train, contextOf(at))).entries()) {
      const metric = validation ? await validation.metric(scoresOfModel(engine, model)) : null;
      tried.push({ model: model.description, metric });
      if (!best || (metric ?? 0) > best.metric)
        best = { candidate: at, model: i, metric: metric ?? 0, fitted: model };
    }
  }
  const { candidate, model, fitted } = best!;
  const last =
    learned === train
      ? fitted
      : (await candidates[candidate]!.fit(learned, contextOf(candidates.length)))[model]!;
  return { ...rounded(engine, last, student, columnSums(learned)), tried };
}
