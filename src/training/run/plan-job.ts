import type { HeldOutTypes } from '../../dataset/columns.ts';
import type { DataFilter } from '../../dataset/filter.ts';
import type { SplitPlan } from '../../dataset/split/split.ts';
import { parseTimestamp } from '../../domain/base/timestamp.ts';
import type { EventMeanings } from '../../domain/data/event-meaning.ts';
import { installedFrom } from '../../domain/data/installed.ts';
import { unknownTypeWarning } from '../../domain/data/unknown-type.ts';
import {
  type EventRules,
  type Installed,
  resolveEvents,
  type Weighting,
  withRule,
} from '../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { EventTypeStore } from '../../store/data/contract.ts';

type OfDataset = Pick<CompleteDistillation, 'dataset'>;

/** Meanings of the interactions of a job, with warnings about them. */
export interface PlannedMeanings {
  weighting: Weighting;
  warnings: string[];
}

/**
 * Meanings of the types of the data for the job: what the installation declares, with the job's own declarations and rules in its
 * place. Types that are named leave the others out. A split by types says with its types which part a pair is in, so that those that
 * nobody knows are liking there.
 * @param found the types that there are
 * @param rules of types that the job names otherwise, as its tasks do
 */
export function planMeanings(
  { dataset }: OfDataset,
  found: Iterable<string>,
  installed: Installed,
  rules: EventRules['types'] = dataset.types && namedTypes({ dataset }),
): PlannedMeanings {
  const resolved = resolveEvents({ types: rules, events: dataset.events }, found, installed);
  const areParts = dataset.split.strategy === 'types' && !rules;
  const unknown = areParts ? [] : resolved.unknown;
  const parts = areParts ? resolved.unknown.map((type) => [type, withRule(type, { weight: 1 }, null)]) : [];
  const events: EventMeanings = { ...resolved.events, ...Object.fromEntries(parts) };
  const named = Object.entries(events).filter(
    ([, { meaning, weight }]) => meaning === 'positive' && weight > 0,
  );
  const types = named.map(([type, { weight, value, scale }]) => {
    const minValue = value.as === 'threshold' ? (value.from ?? scale?.likedFrom) : undefined;
    return [type, { weight, ...(minValue !== undefined && { minValue }) }] as const;
  });
  return {
    weighting: {
      types: Object.fromEntries(types),
      // Types that come later count as the installation says, unless the job names those that count.
      otherTypes: rules ? 0 : 1,
      halfLifeDays: dataset.halfLifeDays ?? null,
      events,
      ...(dataset.events && { declared: Object.keys(dataset.events) }),
    },
    warnings: unknown.map(unknownTypeWarning),
  };
}

/** The declarations of the installation, as they are when the job begins. */
export async function readInstalled(store: Pick<EventTypeStore, 'list'> | undefined): Promise<Installed> {
  return installedFrom((await store?.list()) ?? []);
}

/** The types that the job names, each with a weight. */
export function namedTypes({ dataset }: OfDataset): Weighting['types'] {
  return Object.fromEntries(
    Object.entries(dataset.types ?? {}).map(([type, rule]) => [type, { ...rule, weight: rule.weight ?? 1 }]),
  );
}

/** @see DatasetSpec */
export function planFilter({ dataset }: OfDataset): DataFilter {
  const { since, until, context, sample, minInteractions } = dataset;
  return {
    ...(since !== undefined && { since: parseTimestamp(since) }),
    ...(until !== undefined && { until: parseTimestamp(until) }),
    ...(context && { context }),
    ...(sample && { sample }),
    ...(minInteractions && { minInteractions }),
  };
}

/** The types that a split by types holds out. */
export function heldOutTypes(plan: SplitPlan): HeldOutTypes | undefined {
  if (plan.strategy !== 'types') return undefined;
  return { test: plan.test, validation: 'validation' in plan ? plan.validation : undefined };
}
