import { describe, expect, it } from 'vitest';
import { completeSplit, type SplitSpec, splitProblem } from '../../../src/domain/tasks/split-spec.ts';

describe('splitProblem', () => {
  it.each<[SplitSpec, RegExp]>([
    [{ strategy: 'random', testFraction: 0 }, /split\.testFraction must be above 0/],
    [{ strategy: 'random', testFraction: 0.5, validationFraction: 0.5 }, /leaves nothing for training/],
    [{ strategy: 'global-time', testSince: '2026-01-01T00:00:00Z' }, /split\.validationSince is missing/],
    [
      {
        strategy: 'global-time',
        testSince: '2026-01-01T00:00:00Z',
        validationSince: '2026-01-02T00:00:00Z',
      },
      /validationSince must be earlier than testSince/,
    ],
    [
      {
        strategy: 'global-time',
        testFraction: 0.1,
        testSince: '2026-01-02T00:00:00Z',
        validationSince: '2026-01-01T00:00:00Z',
      },
      /testFraction and testSince exclude each other/,
    ],
    [
      {
        strategy: 'global-time',
        withoutTimes: 'last-fraction',
        testSince: '2026-01-02T00:00:00Z',
        validationSince: '2026-01-01T00:00:00Z',
      },
      /withoutTimes and testSince exclude each other/,
    ],
    [
      { strategy: 'global-time', testSince: 'soon', validationSince: '2026-01-02T00:00:00Z' },
      /testSince must be a time such as .* got "soon"/,
    ],
    [{ strategy: 'types' }, /split\.test is missing/],
    [{ strategy: 'types', test: 'a', validation: 'a' }, /are both a; they must be two types/],
    [{ strategy: 'types', test: 'a', validation: 'b', validationFraction: 0.1 }, /leave one out/],
    [{ strategy: 'types', test: 'a', testHistory: 'train' }, /only applies beside a validation type/],
  ])('names the field of %j', (split, detail) => {
    expect(splitProblem(split)).toMatch(detail);
  });

  it.each<SplitSpec>([
    { strategy: 'last-fraction' },
    { strategy: 'leave-last-out' },
    { strategy: 'random', testFraction: 0.3 },
    { strategy: 'global-time' },
    { strategy: 'global-time', withoutTimes: 'last-fraction' },
    { strategy: 'held-out-users', foldInFraction: 0.5 },
    { strategy: 'types', test: 'test', validationFraction: 0 },
    { strategy: 'types', test: 'test', validation: 'valid', testHistory: 'train+validation' },
  ])('has nothing against %j, and completing it twice changes nothing', (split) => {
    expect(splitProblem(split)).toBeNull();
    const complete = completeSplit(split);
    expect(splitProblem(complete)).toBeNull();
    expect(completeSplit(complete)).toEqual(complete);
  });
});
