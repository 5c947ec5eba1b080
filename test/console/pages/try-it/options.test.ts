import { expect, it } from 'vitest';
import { versionChoices } from '../../../../src/console/pages/try-it/options.ts';

it('offers the newest versions, and those that the address names beside them', () => {
  const versions = [
    { version: 9, aliases: ['candidate'] },
    { version: 8, aliases: [] },
  ];
  expect(versionChoices(versions, ['3', 'live', null, '8', 'trial', '3'])).toEqual([
    ['9', 'Version 9 (candidate)'],
    ['8', 'Version 8'],
    ['3', 'Version 3'],
    ['trial', 'trial'],
  ]);
});
