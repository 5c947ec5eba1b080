import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { ModelReport } from '../../src/domain/reports/model-report.ts';
import { historyReports } from '../../src/evaluation/history-reports.ts';
import { pairRankers, rankerFigures } from '../../src/evaluation/report.ts';
import { outcomeOf } from '../../src/evaluation/some-users.ts';
import type { Outcome } from '../../src/evaluation/tally.ts';

const USERS = 4;
const model = <N extends ModelReport['name']>(
  name: N,
  ndcg: number[],
  overlap?: number[],
): { name: N; bytes: number; outcome: Outcome } => ({
  name,
  bytes: 1,
  outcome: {
    name,
    scale: null,
    metrics: { loss: new Float64Array(USERS), 'ndcg@10': Float64Array.from(ndcg) },
    fidelity: { ...(overlap && { 'overlap@10': Float64Array.from(overlap) }) },
    exposure: {},
    segments: [],
  },
});
const models = [
  { role: 'teacher' as const, ...model('teacher' as const, [0.5, 0.5, 1, 1]) },
  { role: 'student' as const, ...model('student' as const, [0.5, 0.4, 0.5, 0.5], [1, 0.8, 0.4, 0.2]) },
  {
    role: 'student' as const,
    ...model('student-float32' as const, [0.5, 0.4, 0.5, 0.5], [1, 0.8, 0.4, 0.2]),
  },
  { role: 'control' as const, ...model('student-alone' as const, [0.1, 0.1, 0.6, 0.6], [0, 0, 0, 0]) },
  { role: 'baseline' as const, ...model('popularity' as const, [0, 0, 0, 0], [0, 0, 0, 0]) },
];

describe('the kinds of histories', () => {
  const reports = historyReports(
    {
      models,
      placesOf: (kind) => Int32Array.from({ taught: [0, 1], newer: [], unseen: [2, 3] }[kind]),
      whyNone: (kind) => `no ${kind} users here`,
      seeds: 1,
      some: (outcome, places) => outcomeOf(outcome, places, USERS),
      figures: rankerFigures,
      pair: pairRankers,
    },
    createRng(1),
  );

  it('are measured each over its own users, with intervals over these', () => {
    expect(reports.map(({ history, users }) => [history, users])).toEqual([
      ['taught', 2],
      ['newer', 0],
      ['unseen', 2],
    ]);
    const [taught, , unseen] = reports;
    expect(taught!.retained['ndcg@10']!.value).toBeCloseTo(0.9, 9);
    expect(unseen!.retained['ndcg@10']).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
    expect(unseen!.gainOverAlone!['ndcg@10']!.value).toBeCloseTo(-0.1, 9);
    const student = unseen!.models.find(({ name }) => name === 'student')!;
    expect(student.fidelity!['overlap@10']!.value).toBeCloseTo(0.3, 9);
    expect(student.fidelity!['overlap@10']).toMatchObject({ low: 0.2, high: 0.4 });
    expect(student.metrics).not.toHaveProperty('loss');
    expect(unseen!.models[0]!.fidelity).toBeNull();
  });

  it('say why one of them is missing', () => {
    expect(reports[1]).toEqual({
      history: 'newer',
      users: 0,
      why: 'no newer users here',
      models: [],
      retained: {},
    });
  });
});
