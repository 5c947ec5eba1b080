import { expect, it } from 'vitest';
import {
  differencesOf,
  metricOr,
  metricsOf,
  modelTitle,
  resultOf,
  segmentRows,
  segmentTitle,
  tableOf,
  taskNames,
} from '../../../../src/console/pages/versions/report-table.ts';
import { REPORT } from '../../../../src/http/docs/report-example.ts';

const measured = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });

it('begins with the metric of the headline, and leaves out the former name of hr@1', () => {
  const [student] = REPORT.models.filter(({ name }) => name === 'student');
  const metrics = { accuracy: measured(1), 'hr@1': measured(1), 'ndcg@10': measured(1) };
  const table = { headline: REPORT.headline!, models: [{ ...student!, metrics }] };
  expect(metricsOf(table)).toEqual(['ndcg@10', 'hr@1']);
  expect(metricOr(table, 'hr@1')).toBe('hr@1');
  expect(metricOr(table, 'rmse')).toBe('ndcg@10');
  expect(metricOr({ models: [] }, null)).toBeUndefined();
});

it('takes the table of a task, and that of the report where there is none of the name', () => {
  const task = { ...REPORT, task: 'buys', types: ['buy'], weight: 1 };
  const report = { ...REPORT, tasks: [{ ...task, task: 'clicks' }, task] };
  expect(taskNames(report)).toEqual(['clicks', 'buys']);
  expect(taskNames(REPORT)).toEqual([]);
  expect(tableOf(report, 'buys')).toBe(task);
  expect(tableOf(report, 'nothing')).toBe(report);
});

it('says better, equal and worse by the interval', () => {
  expect([
    resultOf({ low: 0.1, high: 0.2 }),
    resultOf({ low: -0.1, high: 0.2 }),
    resultOf({ low: -0.2, high: -0.1 }),
  ]).toEqual(['better', 'equal', 'worse']);
});

it('lists what was compared and nothing else', () => {
  const comparison = {
    ...REPORT.comparison,
    gainOverAlone: { 'ndcg@10': { value: 0.02, low: 0.01, high: 0.03 } },
    gainOverBaseline: { rmse: measured(1) },
    gainOverTeacher: undefined,
    gainOverLive: undefined,
    gainOverPrevious: undefined,
    gainOverSingleTask: undefined,
  } as never;
  expect(differencesOf(comparison, 'ndcg@10')).toEqual([
    { over: 'the best control without a teacher', value: 0.02, low: 0.01, high: 0.03, result: 'better' },
  ]);
});

it('gives each segment the figure of each model, or none', () => {
  const model = (name: 'student' | 'teacher', segments: [string, number][]) => ({
    ...REPORT.models[0]!,
    name,
    segments: segments.map(([segment, value]) => ({ segment, count: 3, metrics: { 'recall@20': value } })),
  });
  const models = [
    model('teacher', [['items:head', 0.4]]),
    model('student', [
      ['items:head', 0.3],
      ['history:1-5', 0.2],
    ]),
  ];
  expect(
    segmentRows(models, 'recall@20').map(({ title, values }) => [title, values.map(({ value }) => value)]),
  ).toEqual([
    ['Head: the most popular items', [0.4, 0.3]],
    ['Histories of 1-5 items', [null, 0.2]],
  ]);
});

it('has plain words for names, and keeps those that it does not know', () => {
  expect(segmentTitle('history:0')).toBe('No history');
  expect(segmentTitle('behaviour:none')).toBe('Without interactions');
  expect(segmentTitle('users:cold')).toBe('Users known by their features alone');
  expect(segmentTitle('moons:full')).toBe('moons:full');
  expect(modelTitle({ name: 'live', version: 4 })).toBe('Live version (4)');
});
