import type { DataSize } from '../../dataset/data-size.ts';
import { hasEstimate, type SingleSettings, secondsOfTraining } from '../../teacher/registry.ts';
import { isEnsemble, type TeacherPlan } from './plan-any-teacher.ts';

/** Estimated seconds of training all that a plan trains, on two cores; undefined where a kind has no estimate. */
export function secondsOfPlan(plan: TeacherPlan, size: DataSize): number | undefined {
  const parts = isEnsemble(plan) ? plan.members : plan.kind === 'auto' ? plan.candidates : [];
  if (parts.length > 0) {
    return parts.reduce<number | undefined>((sum, part) => {
      const own = secondsOfPlan(part, size);
      return sum === undefined || own === undefined ? undefined : sum + own;
    }, 0);
  }
  // Those that were found take no training.
  if (plan.kind === 'external' || plan.kind === 'stored') return 0;
  return hasEstimate(plan.kind) ? secondsOfTraining(plan as SingleSettings, size) : undefined;
}
