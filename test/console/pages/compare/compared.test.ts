import { expect, it } from 'vitest';
import {
  curvesOver,
  settingText,
  sharedMetrics,
  sizesOf,
  whyApart,
} from '../../../../src/console/pages/compare/compared.ts';
import type { Report } from '../../../../src/domain/reports/report.ts';
import { REPORT } from '../../../../src/http/docs/report-example.ts';

const of = (version: number, part: Partial<Report> = {}) => ({ version, report: { ...REPORT, ...part } });

const points = (metrics: (number | undefined)[]) =>
  metrics.map((metric, i) => ({
    ...{ epoch: i + 1, seconds: i, losses: { total: 10 - i } },
    ...(metric !== undefined && { metric }),
  }));

it('lays loops of one name over each other, the shorter one ending earlier', () => {
  const first = { stage: 'distillation', metric: 'ndcg@10', points: points([0.1, 0.2, 0.3]) };
  const second = { stage: 'distillation', metric: 'ndcg@10', points: points([0.4, 0.5]) };
  const alone = { stage: 'teacher', points: points([undefined, undefined]) };
  expect(curvesOver([of(1, { curves: [first, alone] }), of(2, { curves: [second] })])).toEqual([
    {
      name: 'distillation',
      what: 'ndcg@10',
      epochs: [1, 2, 3],
      curves: [
        { version: 1, values: [0.1, 0.2, 0.3] },
        { version: 2, values: [0.4, 0.5, null] },
      ],
    },
  ]);
});

it('draws losses where loops were not measured by one metric', () => {
  const first = { stage: 'distillation', metric: 'ndcg@10', points: points([0.1, 0.2]) };
  const second = { stage: 'distillation', points: points([undefined, undefined]) };
  const [stage] = curvesOver([of(1, { curves: [first] }), of(2, { curves: [second] })]);
  expect(stage).toMatchObject({ what: 'loss', curves: [{ values: [10, 9] }, { values: [10, 9] }] });
});

it('says why figures of two reports cannot be set beside each other', () => {
  expect(whyApart([of(1), of(2)])).toEqual([]);
  const other = of(2, { task: 'rating', data: { ...REPORT.data, hash: 'other', split: 'random 0.2' } });
  expect(whyApart([of(1), other])).toEqual([
    'They are of different tasks.',
    'They were trained and tested on different data.',
    'Their data was split in different ways.',
  ]);
});

it('takes size, time and the figure with its interval from the report, by shared metrics', () => {
  const student = REPORT.models.find(({ name }) => name === 'student')!;
  const [metric] = sharedMetrics([of(1), of(2)]);
  expect(metric).toBe(REPORT.headline!.metric);
  expect(sizesOf([of(7)], metric!)).toEqual([
    { version: 7, bytes: student.bytes, ...student.metrics[metric!], microseconds: student.p50Microseconds },
  ]);
  expect(sharedMetrics([of(1), of(2, { models: [] })])).toEqual([]);
  expect(sizesOf([of(2, { models: [] })], metric!)).toEqual([]);
});

it('writes values of settings in one line', () => {
  expect([null, 'svd', 3, [1, { a: 2 }]].map(settingText)).toEqual(['–', 'svd', '3', '[1,{"a":2}]']);
});
