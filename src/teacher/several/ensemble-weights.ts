import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { type Csr, rowIdOf } from '../../dataset/matrix.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { ModelValidation, Teacher } from '../contract.ts';
import { addTerm, type Combining, nothing, termOf } from './combine.ts';

/** Steps of the search: weights are multiples of one by this. */
const STEPS = 20;
/** The search ends after so many steps without a better ensemble. */
const PATIENCE = 4;
/** Most bytes of the members' answers that are kept from one candidate to the next. */
const KEPT_BYTES = 2 ** 29;

/** Ensembles of the same members by their weights, on the validation pairs. */
export interface WeighedOnValidation {
  metric(weights: readonly number[]): Promise<number>;
}

/** Members are asked once for each batch of users, as far as their answers fit. */
export function weighOnValidation(
  members: readonly Teacher[],
  how: Combining,
  validation: ModelValidation,
  signal: AbortSignal,
): WeighedOnValidation {
  const kept = new Map<string, Float32Array>();
  let bytes = 0;
  function answer(member: number, histories: Csr): Float32Array {
    const key = `${member}:${rowIdOf(histories, 0)}:${histories.rows}`;
    const known = kept.get(key);
    if (known) return known;
    const scores = readAndDispose(members[member]!.scores(histories)).slice();
    const term = termOf(scores, histories, how);
    bytes += term.byteLength;
    if (bytes <= KEPT_BYTES) kept.set(key, term);
    return term;
  }
  return {
    async metric(weights) {
      await breathe();
      if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      return validation.metric((histories) => {
        const total = nothing(histories.rows * histories.columns, how);
        for (const [member, weight] of weights.entries()) {
          if (weight > 0) addTerm(total, answer(member, histories), weight / whole, how);
        }
        return total;
      });
    },
  };
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
