import { problem } from '../../core/errors.ts';
import { parseTimestamp } from '../../domain/base/timestamp.ts';
import { percent, type SplitMethod } from './method.ts';
import { NOWHERE, type Pairs, TEST, TRAIN, VALIDATION } from './split-parts.ts';

type MomentPlan =
  | { testFraction: number; validationFraction: number; withoutTimes?: 'refuse' | 'last-fraction' }
  | { testSince: string; validationSince: string };

export const globalTime: SplitMethod<'globalTime'> = {
  parts: splitByMoment,
  instead: lastFractionInstead,
  inWords: (plan) =>
    'testSince' in plan
      ? `pairs since ${plan.testSince} are test, since ${plan.validationSince} validation`
      : `the newest ${percent(plan.testFraction)} of all pairs are test, the ${percent(plan.validationFraction)} before validation`,
};

function lastFractionInstead(
  pairs: Pairs,
  plan: MomentPlan,
): ReturnType<NonNullable<typeof globalTime.instead>> {
  if ('testSince' in plan || plan.withoutTimes !== 'last-fraction') return null;
  const { testFraction, validationFraction } = plan;
  const last = (why: string) => ({
    plan: { strategy: 'last-fraction' as const, testFraction, validationFraction },
    why,
  });
  if (!findMoments(pairs.firstSeen, plan)) return last('the interactions have no different times');
  const tested = splitByMoment(pairs, plan).includes(TEST);
  return tested ? null : last('nobody who was there before has a pair after the moment');
}

/**
 * Everything from one moment on is test, from an earlier one on validation. Pairs without a time are history. Held-out
 * pairs of users who have no training pair are left out: nothing is known of them that could be used.
 *
 * @returns [nnz] the part of each pair
 * @throws not-enough-data when one side of a moment is empty
 */
function splitByMoment({ matrix, firstSeen }: Pairs, plan: MomentPlan): Uint8Array {
  const { validationFrom, testFrom } = momentsOf(firstSeen, plan);
  const part = new Uint8Array(matrix.indices.length);
  for (let u = 0; u < matrix.rows; u++) {
    const [from, to] = [matrix.indptr[u]!, matrix.indptr[u + 1]!];
    let known = false;
    for (let p = from; p < to; p++) {
      const time = firstSeen[p]!;
      part[p] = time >= testFrom ? TEST : time >= validationFrom ? VALIDATION : TRAIN;
      known ||= part[p] === TRAIN;
    }
    if (!known) part.fill(NOWHERE, from, to);
  }
  return part;
}

function momentsOf(firstSeen: Float64Array, plan: MomentPlan) {
  const moments = findMoments(firstSeen, plan);
  if (moments) return moments;
  const times = firstSeen.filter((time) => !Number.isNaN(time));
  throw problem(
    'not-enough-data',
    `The split global-time needs interactions at different times; of ${firstSeen.length} pairs ${times.length} have a time, at ${new Set(times).size} different moments. Use last-fraction or random`,
  );
}

/** Null where there are no different moments. */
function findMoments(firstSeen: Float64Array, plan: MomentPlan) {
  if ('testSince' in plan)
    return {
      validationFrom: parseTimestamp(plan.validationSince),
      testFrom: parseTimestamp(plan.testSince),
    };
  const times = firstSeen.filter((time) => !Number.isNaN(time)).sort();
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]!;
  const testFrom = at(1 - plan.testFraction);
  const validationFrom = at(1 - plan.testFraction - plan.validationFraction);
  const areDifferent = times.length > 0 && times[0]! < validationFrom && validationFrom < testFrom;
  return areDifferent ? { validationFrom, testFrom } : null;
}
