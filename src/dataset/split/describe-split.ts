import type { SplitPlan } from './split.ts';

/** In words, for the report; with the seed the run can be repeated. */
export function describeSplit(plan: SplitPlan, seed: number): string {
  return `${plan.strategy}: ${inWords(plan)} (seed ${seed})`;
}

function inWords(plan: SplitPlan): string {
  switch (plan.strategy) {
    case 'leave-last-out':
      return "each user's newest pair is test, the one before validation, ties at random";
    case 'last-fraction':
      return `each user's newest ${percent(plan.testFraction)} are test, the ${percent(plan.validationFraction)} before validation, ties at random`;
    case 'random':
      return `of each user's pairs ${percent(plan.testFraction)} are test and ${percent(plan.validationFraction)} validation, at random`;
    case 'global-time':
      return 'testSince' in plan
        ? `pairs since ${plan.testSince} are test, since ${plan.validationSince} validation`
        : `the newest ${percent(plan.testFraction)} of all pairs are test, the ${percent(plan.validationFraction)} before validation`;
    case 'held-out-users':
      return `${percent(plan.testFraction)} of the users are test and ${percent(plan.validationFraction)} validation; none of their pairs is trained on, the older ${percent(plan.foldInFraction)} are known`;
    case 'types':
      return 'validation' in plan
        ? `pairs of the type ${plan.test} are test, of ${plan.validation} validation; test scores are computed from ${plan.testHistory}`
        : `pairs of the type ${plan.test} are test; of each user's other pairs the newest ${percent(plan.validationFraction)} are validation`;
  }
}

const percent = (x: number) => `${Math.round(x * 1000) / 10} %`;
