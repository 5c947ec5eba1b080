import { expect, it } from 'vitest';
import { settingDifferences } from '../../../src/http/compare/settings.ts';

it('settings that differ are named by their paths, and those that are alike are not', () => {
  const one = { student: { dimensions: 32, kind: 'fold-in' }, losses: [{ kind: 'rrd' }], seed: 1 };
  const other = {
    student: { dimensions: 64, kind: 'fold-in' },
    losses: [{ kind: 'dcd' }],
    seed: 1,
    thinned: 2,
  };
  expect(settingDifferences(one, other)).toEqual([
    { setting: 'losses', values: [[{ kind: 'rrd' }], [{ kind: 'dcd' }]] },
    { setting: 'student.dimensions', values: [32, 64] },
    { setting: 'thinned', values: [null, 2] },
  ]);
  expect(settingDifferences(one, structuredClone(one))).toEqual([]);
});
