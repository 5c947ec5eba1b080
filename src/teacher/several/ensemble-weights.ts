import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { type Csr, rowIdOf } from '../../dataset/matrix.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { ModelValidation, Teacher } from '../contract.ts';
import { type Combining, termOf } from './combine.ts';
import { keepTop, mixTops, spreadOut, type TopTerms } from './top-terms.ts';

/** Steps of the search: weights are multiples of one by this. */
const STEPS = 20;
/** The search ends after so many steps without a better ensemble. */
const PATIENCE = 4;

/** Ensembles of the same members by their weights, on the validation pairs. */
export interface WeighedOnValidation {
  metric(weights: readonly number[]): Promise<number>;
}

/**
 * The members' answers on the validation pairs, the top of each list alone, so that they cost little memory and each member is
 * asked once.
 */
export interface KeptAnswers {
  /** Asks the member, where it was not asked before with this batch. */
  of(teacher: Teacher, histories: Csr): TopTerms;
  /** Keeps what a member is known to answer. */
  put(teacher: Teacher, histories: Csr, scores: Float32Array): void;
  forget(teacher: Teacher): void;
}

export function keepAnswers(how: Combining): KeptAnswers {
  const kept = new Map<Teacher, Map<string, TopTerms>>();
  const keyOf = (histories: Csr) => `${rowIdOf(histories, 0)}:${histories.rows}`;
  function put(teacher: Teacher, histories: Csr, scores: Float32Array): TopTerms {
    const top = keepTop(termOf(scores.slice(), histories, how), histories);
    const batches = kept.get(teacher) ?? new Map<string, TopTerms>();
    kept.set(teacher, batches.set(keyOf(histories), top));
    return top;
  }
  return {
    of: (teacher, histories) =>
      kept.get(teacher)?.get(keyOf(histories)) ??
      put(teacher, histories, readAndDispose(teacher.scores(histories))),
    put: (teacher, histories, scores) => void put(teacher, histories, scores),
    forget: (teacher) => void kept.delete(teacher),
  };
}

/** Members are asked once for each batch of users. */
export function weighOnValidation(
  members: readonly Teacher[],
  how: Combining,
  validation: ModelValidation,
  signal: AbortSignal,
  answers = keepAnswers(how),
): WeighedOnValidation {
  return {
    async metric(weights) {
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      const asked = members.flatMap((teacher, i) =>
        weights[i]! > 0 ? [{ teacher, share: weights[i]! / whole }] : [],
      );
      const mixed = (histories: Csr) =>
        mixTops(
          asked.map(({ teacher, share }) => ({ top: answers.of(teacher, histories), share })),
          how,
        );
      return validation.metricOfSome
        ? validation.metricOfSome((histories) => mixed(histories).some)
        : validation.metric((histories) => spreadOut(mixed(histories)));
    },
  };
}

/**
 * Ensemble selection (Caruana et al., ICML 2004): the best member, then again and again the one, of all of them, whose
 * addition is best. How often each was taken is its weight. As a step in a wrong direction costs little, this overfits less
 * than a search for the weights themselves.
 * @returns [members] a share for each, sum 1
 */
export async function chooseWeights(
  { metric }: WeighedOnValidation,
  members: number,
  steps = STEPS,
): Promise<number[]> {
  const taken = new Array<number>(members).fill(0);
  let best = { weights: taken, metric: Number.NEGATIVE_INFINITY, step: 0 };
  for (let step = 1; step <= steps && step - best.step <= PATIENCE; step++) {
    let next = { member: 0, metric: Number.NEGATIVE_INFINITY };
    for (let member = 0; member < members; member++) {
      const own = await metric(taken.map((count, i) => count + Number(i === member)));
      if (own > next.metric) next = { member, metric: own };
    }
    taken[next.member]!++;
    if (next.metric > best.metric) best = { weights: [...taken], metric: next.metric, step };
  }
  const whole = best.weights.reduce((sum, count) => sum + count, 0);
  return best.weights.map((count) => count / whole);
}

/**
 * Returns the loss of the metric when one member is left out, for each member with a weight; null where nothing would be left.
 */
export async function partsOnValidation(
  { metric }: WeighedOnValidation,
  weights: readonly number[],
): Promise<{ metric: number; losses: (number | null)[] }> {
  const all = await metric(weights);
  const losses: (number | null)[] = [];
  for (const member of weights.keys()) {
    const rest = weights.map((weight, i) => (i === member ? 0 : weight));
    const isOnlyOne = rest.every((weight) => weight === 0);
    losses.push(isOnlyOne ? null : all - (await metric(rest)));
  }
  return { metric: all, losses };
}
