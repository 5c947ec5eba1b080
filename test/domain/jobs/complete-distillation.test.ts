import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';

const complete = {
  type: 'distillation',
  model: 'movies',
  task: 'single-label',
  dataset: { split: { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 } },
  teacher: { kind: 'auto' },
  student: { kind: 'fold-in', quantization: 'int8' },
  distillation: {
    seed: 42,
  },
  evaluation: { k: [10, 20], recallDenominator: 'testSize', refit: true, seeds: 1, unseenUsers: 0.1 },
  publish: { alias: 'stable' },
  priority: 0,
};

describe('a job with its defaults filled in', () => {
  it('shows what does not depend on the data', () => {
    expect(completeDistillation({ model: 'movies' })).toEqual(complete);
  });

  it('of sequences has a teacher and a split that go by the order', () => {
    expect(completeDistillation({ model: 'next', task: 'sequential' })).toMatchObject({
      task: 'sequential',
      dataset: { split: { strategy: 'leave-last-out' } },
      teacher: { kind: 'auto' },
    });
  });

  it('of sequences lets soft labels of a teacher whose scores are no logits be standardized', () => {
    const losses = (kind: 'slist' | 'sasrec') =>
      completeDistillation({
        ...{ model: 'next', task: 'sequential', teacher: { kind } },
        distillation: { losses: [{ kind: 'softLabels' }] },
      }).distillation.losses;
    expect(losses('slist')).toMatchObject([{ scores: 'standardized' }]);
    expect(losses('sasrec')).toMatchObject([{ scores: 'raw' }]);
  });

  it('is a job that would be accepted, and stays the same when filled in again', () => {
    const once = completeDistillation({ model: 'movies' });
    expect(Compile(DistillationSpec).Check(once)).toBe(true);
    expect(completeDistillation(once)).toEqual(once);
  });

  it('keeps everything that was given, zeros too', () => {
    const given: DistillationSpec = {
      model: 'movies',
      dataset: {
        types: { rating: { minValue: 4 } },
        halfLifeDays: 30,
        since: '2026-01-01',
        sample: { users: 0.5, seed: 0 },
        minInteractions: { perItem: 3 },
        split: { strategy: 'last-fraction', testFraction: 0.3 },
      },
      teacher: { kind: 'softmax', hidden: [64], dropout: 0 },
      student: { kind: 'fold-in', dimensions: 8 },
      distillation: {
        losses: [
          { kind: 'hardLabels', weight: 0 },
          { kind: 'softLabels', temperature: 3 },
        ],
        transfer: 'none',
        seed: 0,
        epochs: 7,
      },
      evaluation: { k: [5], recallDenominator: 'min', refit: true, unseenUsers: 0, seeds: 2 },
      publish: { alias: 'canary', teacher: false },
      priority: -3,
    };
    expect(completeDistillation(given)).toEqual({
      ...given,
      type: 'distillation',
      task: 'single-label',
      dataset: {
        ...given.dataset,
        split: { strategy: 'last-fraction', testFraction: 0.3, validationFraction: 0.1 },
      },
      student: { kind: 'fold-in', dimensions: 8, quantization: 'int8' },
      distillation: {
        ...given.distillation,
        losses: [
          { kind: 'hardLabels', weight: 0 },
          { kind: 'softLabels', weight: 1, temperature: 3, scores: 'raw', ownItems: 'visible' },
        ],
      },
    });
  });

  it.each([
    ['ease', {}, { scores: 'standardized', temperature: 0.5, ownItems: 'hidden' }],
    ['auto', { temperature: 2 }, { scores: 'standardized', temperature: 2, ownItems: 'hidden' }],
    ['ease', { scores: 'raw' }, { scores: 'raw', temperature: 1, ownItems: 'visible' }],
    ['softmax', {}, { scores: 'raw', temperature: 1, ownItems: 'visible' }],
  ] as const)('takes soft labels of %s by whether its scores are logits: %j', (kind, named, expected) => {
    const losses = [{ kind: 'softLabels' as const, ...named }];
    const complete = completeDistillation({ model: 'movies', teacher: { kind }, distillation: { losses } });
    expect(complete.distillation.losses).toEqual([{ kind: 'softLabels', weight: 1, ...expected }]);
    expect(completeDistillation(complete)).toEqual(complete);
  });

  it('samples by a seed of its own, so that another training seed trains on the same data', () => {
    const dataset = { sample: { users: 0.1 } };
    const complete = completeDistillation({ model: 'movies', dataset, distillation: { seed: 7 } });
    expect(complete.dataset.sample).toEqual({ users: 0.1, seed: 42 });
  });

  it('has no fractions where the newest one is left out', () => {
    const { dataset } = completeDistillation({
      model: 'movies',
      dataset: { split: { strategy: 'leave-last-out' } },
    });
    expect(dataset.split).toEqual({ strategy: 'leave-last-out' });
  });

  it('changes nothing in what it is given', () => {
    const given: DistillationSpec = { model: 'movies', distillation: { losses: [{ kind: 'softLabels' }] } };
    const before = structuredClone(given);
    completeDistillation(given);
    expect(given).toEqual(before);
  });
});
