import type { HeldOutTypes } from '../../dataset/columns.ts';
import type { DataFilter } from '../../dataset/filter.ts';
import type { SplitPlan } from '../../dataset/split/split.ts';
import { parseTimestamp } from '../../domain/base/timestamp.ts';
import { DEFAULT_WEIGHTING, type Weighting } from '../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';

type OfDataset = Pick<CompleteDistillation, 'dataset'>;

/** Weights of the interactions: types that are named leave the others out; without names every type counts. */
export function planWeighting({ dataset }: OfDataset): Weighting {
  const halfLifeDays = dataset.halfLifeDays ?? null;
  if (!dataset.types) return { ...DEFAULT_WEIGHTING, halfLifeDays };
  return { types: namedTypes({ dataset }), otherTypes: 0, halfLifeDays };
}

/** The types that the job names, each with a weight. */
export function namedTypes({ dataset }: OfDataset): Weighting['types'] {
  return Object.fromEntries(
    Object.entries(dataset.types ?? {}).map(([type, rule]) => [type, { ...rule, weight: rule.weight ?? 1 }]),
  );
}

/** @see DatasetSpec */
export function planFilter({ dataset }: OfDataset): DataFilter {
  const { since, until, sample, minInteractions } = dataset;
  return {
    ...(since !== undefined && { since: parseTimestamp(since) }),
    ...(until !== undefined && { until: parseTimestamp(until) }),
    ...(sample && { sample }),
    ...(minInteractions && { minInteractions }),
  };
}

/** The types that a split by types holds out. */
export function heldOutTypes(plan: SplitPlan): HeldOutTypes | undefined {
  if (plan.strategy !== 'types') return undefined;
  return { test: plan.test, validation: 'validation' in plan ? plan.validation : undefined };
}
