import { describe, expect, it } from 'vitest';
import { DEFAULT_WEIGHTING } from '../../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import { heldOutTypes, planFilter, planWeighting } from '../../../src/training/run/plan-job.ts';

const jobWith = (dataset: DistillationSpec['dataset'] = {}) =>
  completeDistillation({ model: 'movies', dataset });

describe('the weighting of interactions', () => {
  it('counts every type but low ratings where the job says nothing', () => {
    expect(planWeighting(jobWith())).toEqual(DEFAULT_WEIGHTING);
  });

  it('leaves out the types that are not named, and ages by the half-life', () => {
    const types = { purchase: {}, rating: { minValue: 3, weight: 0.5 } };
    expect(planWeighting(jobWith({ types, halfLifeDays: 30 }))).toEqual({
      types: { purchase: { weight: 1 }, rating: { minValue: 3, weight: 0.5 } },
      otherTypes: 0,
      halfLifeDays: 30,
    });
    expect(planWeighting(jobWith({ halfLifeDays: 7 }))).toEqual({ ...DEFAULT_WEIGHTING, halfLifeDays: 7 });
  });
});

describe('what is trained on', () => {
  it('is all there is, or what the job names, with times in milliseconds', () => {
    expect(planFilter(jobWith())).toEqual({});
    const named = jobWith({
      since: '1970-01-01T00:00:01Z',
      until: '1970-01-01T00:00:02Z',
      sample: { items: 0.5 },
      minInteractions: { perUser: 5 },
    });
    expect(planFilter(named)).toEqual({
      since: 1000,
      until: 2000,
      sample: { items: 0.5, seed: 42 },
      minInteractions: { perUser: 5 },
    });
  });
});

describe('the types that are held out', () => {
  const held = (split: NonNullable<DistillationSpec['dataset']>['split']) =>
    heldOutTypes(jobWith({ split }).dataset.split);

  it('are those of a split by types, with validation where it has a type of its own', () => {
    expect(held({ strategy: 'types', test: 'sold', validation: 'seen' })).toEqual({
      test: 'sold',
      validation: 'seen',
    });
    expect(held({ strategy: 'types', test: 'sold', validationFraction: 0.1 })).toEqual({
      test: 'sold',
      validation: undefined,
    });
  });

  it('are none of another split', () => {
    expect(held({ strategy: 'leave-last-out' })).toBeUndefined();
  });
});
