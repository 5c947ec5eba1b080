import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { type Csr, rowIdOf } from '../../dataset/matrix.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { ModelValidation, Teacher } from '../contract.ts';
import { addTerm, type Combining, nothing, termOf } from './combine.ts';
import { keepTop, spreadTop, type TopTerms } from './top-terms.ts';

/** Steps of the search: weights are multiples of one by this. */
const STEPS = 20;
/** The search ends after so many steps without a better ensemble. */
const PATIENCE = 4;
/** Shares of a newcomer that are tried beside those that are there. */
const SHARES = [0.1, 0.2, 0.35, 0.5, 0.65, 0.8];

/** Ensembles of the same members by their weights, on the validation pairs. */
export interface WeighedOnValidation {
  metric(weights: readonly number[]): Promise<number>;
}

/**
 * The members' answers on the validation pairs, the top of each list alone, so that they cost little memory and each member is
 * asked once. Where a member joins later, the answers of those before it are still there.
 */
export interface KeptAnswers {
  of(teacher: Teacher, histories: Csr): TopTerms;
  forget(teacher: Teacher): void;
}

export function keepAnswers(how: Combining): KeptAnswers {
  const kept = new Map<Teacher, Map<string, TopTerms>>();
  return {
    of(teacher, histories) {
      const batches = kept.get(teacher) ?? new Map<string, TopTerms>();
      kept.set(teacher, batches);
      const key = `${rowIdOf(histories, 0)}:${histories.rows}`;
      const known = batches.get(key);
      if (known) return known;
      const scores = readAndDispose(teacher.scores(histories)).slice();
      const top = keepTop(termOf(scores, histories, how), histories);
      batches.set(key, top);
      return top;
    },
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
      return validation.metric((histories) => {
        const total = nothing(histories.rows * histories.columns, how);
        const term = new Float32Array(total.length);
        for (const [member, weight] of weights.entries()) {
          if (weight === 0) continue;
          spreadTop(answers.of(members[member]!, histories), term);
          addTerm(total, term, weight / whole, how);
        }
        return total;
      });
    },
  };
}

/**
 * One step of ensemble selection with a member that is new: the share for which the ensemble is best, of a few.
 * @param weights of the members before it, sum 1; the newcomer is the last member of `onValidation`
 * @returns weights of all of them, sum 1
 */
export async function mixIn(
  { metric }: WeighedOnValidation,
  weights: readonly number[],
): Promise<{ weights: number[]; metric: number }> {
  let best = { weights: [...weights, 0], metric: Number.NEGATIVE_INFINITY };
  for (const share of SHARES) {
    const mixed = [...weights.map((weight) => weight * (1 - share)), share];
    const own = await metric(mixed);
    if (own > best.metric) best = { weights: mixed, metric: own };
  }
  return best;
}

/**
 * Ensemble selection (Caruana et al., ICML 2004): the best member, then again and again the one, of all of them, whose
 * addition is best. How often each was taken is its weight. As a step in a wrong direction costs little, this overfits less
 * than a search for the weights themselves.
 * @returns [members] a share for each, sum 1
 */
export async function chooseWeights({ metric }: WeighedOnValidation, members: number): Promise<number[]> {
  const taken = new Array<number>(members).fill(0);
  let best = { weights: taken, metric: Number.NEGATIVE_INFINITY, step: 0 };
  for (let step = 1; step <= STEPS && step - best.step <= PATIENCE; step++) {
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
