import { expect, it } from 'vitest';
import { settingDifferences } from '../../../src/domain/releases/setting-differences.ts';

const one = { student: { dimensions: 32, kind: 'fold-in' }, losses: [{ kind: 'rrd' }], seed: 1 };
const other = {
  student: { dimensions: 64, kind: 'fold-in' },
  losses: [{ kind: 'dcd' }],
  seed: 1,
  thinned: 2,
};

it('settings that differ are named by their paths, and those that are alike are not', () => {
  expect(settingDifferences([one, other])).toEqual([
    { setting: 'losses', values: [[{ kind: 'rrd' }], [{ kind: 'dcd' }]] },
    { setting: 'student.dimensions', values: [32, 64] },
    { setting: 'thinned', values: [null, 2] },
  ]);
  expect(settingDifferences([one, structuredClone(one)])).toEqual([]);
});

it('of several versions each has its value, and one that has no such branch has none', () => {
  const third = { student: null, losses: [{ kind: 'rrd' }], seed: 1 };
  expect(settingDifferences([one, other, third])).toEqual([
    { setting: 'losses', values: [[{ kind: 'rrd' }], [{ kind: 'dcd' }], [{ kind: 'rrd' }]] },
    { setting: 'student', values: [one.student, other.student, null] },
    { setting: 'thinned', values: [null, 2, null] },
  ]);
});
