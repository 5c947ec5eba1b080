import { describe, expect, it } from 'vitest';
import { usuallyMeant } from '../../../src/domain/data/weighting.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import { heldOutTypes, planFilter, planMeanings } from '../../../src/training/run/plan-job.ts';

const jobWith = (dataset: DistillationSpec['dataset'] = {}) =>
  completeDistillation({ model: 'movies', dataset });

const meaningsOf = (dataset: DistillationSpec['dataset'], types = ['click', 'rating']) =>
  planMeanings(jobWith(dataset), types, usuallyMeant);

describe('what interactions mean to a job', () => {
  it('is what is usual where nobody says anything: every type but low ratings is liking', () => {
    const { weighting, warnings } = meaningsOf({});
    expect(weighting).toMatchObject({
      ...{
        types: { click: { weight: 1 }, rating: { weight: 1, minValue: 4 } },
        otherTypes: 1,
        halfLifeDays: null,
      },
    });
    expect(Object.keys(weighting.events!)).toEqual(['click', 'rating']);
    expect(warnings).toEqual([]);
  });

  it('leaves out the types that are not named, and ages by the half-life', () => {
    const types = { purchase: {}, rating: { minValue: 3, weight: 0.5 } };
    expect(meaningsOf({ types, halfLifeDays: 30 }).weighting).toMatchObject({
      types: { purchase: { weight: 1 }, rating: { minValue: 3, weight: 0.5 } },
      otherTypes: 0,
      halfLifeDays: 30,
    });
  });

  it('is its own word where it says one, and a type of which nobody says it is named in a warning', () => {
    const { weighting, warnings } = meaningsOf({ events: { wave: { meaning: 'negative' } } }, [
      'wave',
      'frob',
    ]);
    expect(weighting.events).toMatchObject({ wave: { meaning: 'negative' } });
    expect(warnings).toEqual([
      'Nobody says what frob means: its interactions are stored and do not count until PUT /event-types/frob declares it, or dataset.events of a job',
    ]);
  });

  it('is liking of a type that nobody knows where the split goes by types', () => {
    const split = { strategy: 'types', test: 'late' } as const;
    const { weighting, warnings } = meaningsOf({ split }, ['early', 'late', 'impression']);
    expect(weighting.types).toEqual({ early: { weight: 1 }, late: { weight: 1 } });
    expect(warnings).toEqual([]);
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
