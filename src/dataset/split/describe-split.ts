import { methodOf } from './registry.ts';
import type { SplitPlan } from './split.ts';

/** Describes a split in words for the report; with the seed the run can be repeated. */
export function describeSplit(plan: SplitPlan, seed: number): string {
  return `${plan.strategy}: ${methodOf(plan).inWords(plan)} (seed ${seed})`;
}
