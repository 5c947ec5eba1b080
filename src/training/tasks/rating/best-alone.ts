import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../../core/errors.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { startSvd } from '../../../teacher/rating/svd-plus-plus.ts';
import { planSvd, type SvdSettings } from '../../../teacher/rating/svd-settings.ts';
import type { Fit } from '../../run/run.ts';
import type { RatingLesson } from './lesson.ts';
import { type ItemFactors, predictionsOf, type RoundedFactors, roundedFactors } from './small-model.ts';

/** The best small model of ratings without a teacher, at no more than the student's bytes. */
export interface BestRatings extends RoundedFactors {
  description: string;
  /** All that was tried with its RMSE on validation, in order; the first alone where there is no validation. */
  tried: { model: string; metric: number | null }[];
}

/** Epochs between two looks at validation, which costs as much as several epochs. */
const LOOK = 5;
/** Looks in a row that may find nothing better; of SVD++ .1 one or another does on the way to its best. */
const PATIENCE = 2;
/** Epochs where nothing is held out to choose them by. */
const USUAL = 30;

/**
 * All that is tried, the usual best first: SVD++ has two numbers per item and dimension where the student has three, biased
 * factors have one. Regularizations of .06, .1 and .14, with the users' as strong, half and double, were tried on a tenth held out
 * of the training part of one fold of MovieLens-100K: .1 and as strong was best (RMSE .9186), and .06 stops soonest.
 */
const CANDIDATES = [
  { objective: 'svd++', regularization: 0.1 },
  { objective: 'svd++', regularization: 0.06 },
  { objective: 'biased', regularization: 0.1 },
] as const;

/**
 * Trains small factorizations by gradient descent, measures each as it would be served, with users who are solved from their
 * ratings, and trains the best anew on what the student learned from, for the epochs that validation found best.
 * @throws problem('cancelled')
 */
export async function trainBestRatings(
  { train, learned, scale, settings, validation }: RatingLesson,
  { rng, signal, onProgress }: Pick<Fit, 'rng' | 'signal' | 'onProgress'>,
): Promise<BestRatings> {
  const { dimensions } = settings.student;
  const candidates = CANDIDATES.slice(0, validation ? undefined : 1).map(planOf(dimensions));
  const loops = candidates.length + 1;
  const draws = rng.fork('best-alone');
  const run = (ratings: Csr, plan: SvdSettings, loop: number) =>
    runEpochs(ratings, plan, {
      rng: draws.fork('svd'),
      async onEpoch(epoch) {
        const shared = { step: 1, steps: 1, losses: {}, learningRate: 0, etaSeconds: 0 };
        const fraction = (loop + epoch / plan.epochs) / loops;
        onProgress({ ...shared, epoch, epochs: plan.epochs, fraction });
        await breathe();
        if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
      },
    });
  const tried: BestRatings['tried'] = [];
  let best = { plan: { ...candidates[0]!, epochs: USUAL }, metric: Number.POSITIVE_INFINITY };
  for (const [loop, plan] of candidates.entries()) {
    let own = { epochs: 0, metric: Number.POSITIVE_INFINITY };
    if (validation) {
      for await (const { epoch, factors } of run(train, plan, loop)) {
        if (epoch % LOOK !== 0) continue;
        const metric = validation.rmse(predictionsOf(factors, plan));
        if (metric < own.metric) own = { epochs: epoch, metric };
        else if (epoch - own.epochs >= PATIENCE * LOOK) break;
      }
    }
    const { epochs } = validation ? own : best.plan;
    tried.push({
      model: `${describe(plan)}, regularization ${plan.regularization}, ${epochs} epochs`,
      metric: validation ? own.metric : null,
    });
    if (own.metric < best.metric) best = { plan: { ...plan, epochs: own.epochs }, metric: own.metric };
  }
  let last: ItemFactors | undefined;
  for await (const { factors } of run(learned, best.plan, loops - 1)) last = factors;
  return {
    ...roundedFactors(last!, best.plan, learned, scale),
    description: `${describe(best.plan)}, without a teacher, int8`,
    tried,
  };
}

const planOf = (dimensions: number) => (candidate: (typeof CANDIDATES)[number]) =>
  planSvd({ ...candidate, dimensions });

const describe = ({ implicit, dimensions }: SvdSettings) =>
  `${implicit ? 'SVD++' : 'biased MF'} ${dimensions}, solved per user`;

/** The factors after each epoch, which the next one changes. */
async function* runEpochs(
  ratings: Csr,
  plan: SvdSettings,
  { rng, onEpoch }: { rng: Fit['rng']; onEpoch(epoch: number): Promise<void> },
): AsyncGenerator<{ epoch: number; factors: ItemFactors }> {
  const { factors, runEpoch } = startSvd(ratings, plan, rng);
  for (let epoch = 1; epoch <= plan.epochs; epoch++) {
    runEpoch();
    await onEpoch(epoch);
    yield { epoch, factors };
  }
}
