import { describe, expect, it } from 'vitest';
import { reportWarnings } from '../../../src/evaluation/verdict/report-warnings.ts';
import { about, figuresOf, modelOf } from './figures.ts';

const METRIC = 'ndcg@10';
const warningsOf = (...changes: Parameters<typeof figuresOf>) =>
  reportWarnings(figuresOf(...changes), METRIC);

describe('warnings of a report', () => {
  it('are none where all is well', () => {
    expect(warningsOf()).toEqual([]);
  });

  it.each([
    ['gainOverAlone', 'The student is worse than the same student without a teacher'],
    ['gainOverBaseline', 'The student is worse than popularity'],
    ['teacherOverBaseline', 'The teacher is worse than popularity'],
  ])('tell of %s below 0, and softer where the interval holds 0', (key, sentence) => {
    expect(warningsOf({ [key]: { [METRIC]: about(-0.05) } })).toEqual([
      `${sentence}: -0.0500 NDCG@10 (-0.0600 to -0.0400).`,
    ]);
    const [soft] = warningsOf({ [key]: { [METRIC]: about(0.005) } });
    expect(soft).toMatch(/ is equal to .* The interval holds 0, so it may be a little better or worse\.$/);
  });

  it('tell of a loss that is no number, and of one that nobody can have meant', () => {
    const withLoss = (loss: number | null) => {
      const { models } = figuresOf();
      return warningsOf({}, { models: models.map((one, i) => (i === 1 ? { ...one, loss } : one)) });
    };
    expect(withLoss(Number.NaN)).toEqual([
      'The loss of student is no finite number: its scores have overflowed',
    ]);
    expect(withLoss(1e6)).toEqual([
      'The scores of student have exploded: its loss is 1.000e+6 nats, where a guess among 1000 items costs 6.91',
    ]);
    // Uncalibrated scores cost more than a guess, and are no fault.
    expect(withLoss(20)).toEqual([]);
    expect(withLoss(null)).toEqual([]);
  });

  it('tell of few test users or pairs', () => {
    const { data } = figuresOf();
    expect(warningsOf({}, { data: { ...data, testUsers: 99 } })).toEqual([
      'There are few test users (99, with 2000 test pairs): the intervals are wide, and differences that matter may be called equal',
    ]);
    expect(warningsOf({}, { data: { ...data, testUsers: 100 } })).toEqual([]);
  });

  it('tell of a student of one task that is better, not of one that is as good', () => {
    const single = modelOf('single-task', { 'ndcg@10': 0.3 });
    const warnings = (gain: number) =>
      warningsOf(
        { gainOverSingleTask: { [METRIC]: about(gain) } },
        { models: [...figuresOf().models, single] },
      );
    expect(warnings(0)).toEqual([]);
    expect(warnings(-0.05)).toEqual([
      'The student is worse than a student of this task alone: -0.0500 NDCG@10 (-0.0600 to -0.0400).',
    ]);
  });

  it('tell of few test items or users of labels, which have no pairs', () => {
    const { data, ...figures } = figuresOf();
    const labels = { of: 'items' as const, from: 'categories', each: [], leftOut: [] };
    const few = { ...figures, labels, data: { ...data, testUsers: 48, test: 48 } };
    expect(reportWarnings(few, METRIC)).toEqual([
      expect.stringMatching(/^There are few test items \(48\): /),
    ]);
  });

  it('name the task of several', () => {
    const { data, ...figures } = figuresOf({ gainOverAlone: { [METRIC]: about(-0.05) } });
    const task = {
      ...figures,
      ...{ task: 'buy', types: ['buy'], weight: 1 },
      data: { ...data, testUsers: 9 },
    };
    const warnings = reportWarnings({ ...figuresOf(), tasks: [task] }, METRIC);
    expect(warnings).toHaveLength(2);
    for (const one of warnings) expect(one).toMatch(/^Task buy: /);
  });
});
