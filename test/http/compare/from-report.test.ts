import { expect, it } from 'vitest';
import type { Report } from '../../../src/domain/reports/report.ts';
import { fromReports } from '../../../src/http/compare/from-report.ts';

const GAIN = { 'ndcg@10': { value: 0.02, low: 0.01, high: 0.04 } };
const reportOf = (models: object[], comparison: object = {}): Report =>
  ({ models, comparison, data: { testUsers: 90 } }) as unknown as Report;
const ALONE = reportOf([{ role: 'student' }]);
const BESIDE = reportOf([{ role: 'live', version: 3, over: { users: 40 } }], { gainOverLive: GAIN });

it('the report of the second says it of the first, over the users that it was measured on', () => {
  expect(fromReports([3, 4], [ALONE, BESIDE])).toEqual({ users: 40, differences: GAIN });
});

it('the report of the first says it of the second, turned round', () => {
  expect(fromReports([4, 3], [BESIDE, ALONE])).toEqual({
    users: 40,
    differences: { 'ndcg@10': { value: -0.02, low: -0.04, high: -0.01 } },
  });
});

it('a version that taught is in the report as the previous one', () => {
  const renewed = reportOf([{ role: 'previous', version: 3 }], { gainOverPrevious: GAIN });
  expect(fromReports([3, 4], [ALONE, renewed])).toEqual({ users: 90, differences: GAIN });
});

it('reports of others say nothing of the two', () => {
  expect(fromReports([2, 4], [ALONE, BESIDE])).toBeUndefined();
});
