import { expect, it } from 'vitest';
import { type Move, versionsBefore } from '../../../src/domain/releases/previous-version.ts';

const set = (version: number): Move => ({ version, action: 'set' });
const back = (version: number): Move => ({ version, action: 'rolled-back' });

it.each<[string, Move[], number[]]>([
  ['nothing', [], []],
  ['one version', [set(1)], []],
  ['three versions', [set(1), set(2), set(3)], [2, 1]],
  ['the same version again', [set(1), set(2), set(2)], [1]],
  ['a rollback', [set(1), set(2), set(3), back(2)], [1]],
  ['two rollbacks, which go back twice', [set(1), set(2), set(3), back(2), back(1)], []],
  ['a new version after a rollback', [set(1), set(2), set(3), back(2), set(4)], [2, 1]],
  ['a version that was there before', [set(1), set(2), set(1)], [2]],
  ['a removal in between', [set(1), { version: null, action: 'removed' }, set(2)], [1]],
])('the versions before the present one after %s', (_what, moves, before) => {
  expect(versionsBefore(moves)).toEqual(before);
});
