import { expect, it } from 'vitest';
import { metricsOfVersions, pointsOf, withFront } from '../../../../src/console/pages/versions/points.ts';

const version = (number: number, bytes: number, metrics: Record<string, number>) => ({
  version: number,
  bytes,
  summary: { metrics: { student: metrics, teacher: {} }, compressionRatio: 1 },
});

it('marks the front of size and quality, and leaves out what was not measured', () => {
  const points = pointsOf(
    [
      version(1, 100, { 'ndcg@10': 0.2 }),
      version(2, 50, { 'ndcg@10': 0.25 }),
      version(3, 20, { 'ndcg@10': 0.1 }),
      version(4, 10, { rmse: 0.9 }),
    ],
    'ndcg@10',
  );
  expect(points.map((one) => [one.version, one.isFront])).toEqual([
    [1, false],
    [2, true],
    [3, true],
  ]);
});

it('knows that less of an error is better', () => {
  const points = pointsOf([version(1, 100, { rmse: 0.8 }), version(2, 100, { rmse: 0.9 })], 'rmse');
  expect(points.map(({ isFront }) => isFront)).toEqual([true, false]);
});

it('lets a faster one be on the front too', () => {
  const at = (number: number, microseconds: number) => ({
    ...{ version: number, bytes: 100, value: 0.2 + number / 100, low: null, high: null },
    microseconds,
  });
  expect(withFront([at(1, 10), at(2, 30)], 'ndcg@10').map(({ isFront }) => isFront)).toEqual([true, true]);
  expect(withFront([at(1, 30), at(2, 30)], 'ndcg@10').map(({ isFront }) => isFront)).toEqual([false, true]);
});

it('offers the metrics that most versions have, those of headlines first', () => {
  const versions = [
    version(1, 1, { accuracy: 1, 'hr@1': 1, 'ndcg@10': 1 }),
    version(2, 1, { 'hr@1': 1, 'ndcg@10': 1 }),
    version(3, 1, { rmse: 1 }),
  ];
  expect(metricsOfVersions(versions)).toEqual(['ndcg@10', 'hr@1', 'rmse']);
  expect(metricsOfVersions([])).toEqual([]);
});
