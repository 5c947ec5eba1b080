import { expect, it } from 'vitest';
import { driftCurves } from '../../../../src/console/pages/rollout/drift-curves.ts';

const check = (at: string, ndcg: number | null, teacher: number | null = null) => {
  const measured = (value: number | null) =>
    value === null ? null : { value, low: value - 0.01, high: value + 0.01 };
  return {
    ...{ id: at, at, state: 'fine' as const, broken: [], retraining: null },
    figures: {
      ...{ version: 1, sampled: 9, users: 9, pairs: 9, notes: [] },
      ...{ ndcg: measured(ndcg), teacherNdcg: measured(teacher), ndcgRetained: null, overlap: null },
      ...{ popularityShare: null, unknownItems: null },
    },
  };
};

it('draws the checks that measured something, the oldest first', () => {
  const { x, curves } = driftCurves([
    check('1970-01-01T00:00:30Z', 0.25),
    check('1970-01-01T00:00:20Z', null),
    check('1970-01-01T00:00:10Z', 0.5, 0.75),
  ]);
  expect(x).toEqual([10, 30]);
  expect(curves.map(({ label, values }) => [label, values])).toEqual([
    ['Live version', [0.5, 0.25]],
    ['its 95 % interval from', [0.49, 0.24]],
    ['to', [0.51, 0.26]],
    ['Its teacher', [0.75, null]],
  ]);
});

it('has no curve of a teacher that was never asked', () => {
  expect(driftCurves([check('1970-01-01T00:00:10Z', 0.5)]).curves).toHaveLength(3);
  expect(driftCurves([]).x).toEqual([]);
});
