import { expect, it } from 'vitest';
import { queriesOf } from '../../../../src/console/pages/versions/titles.ts';

it('asks for at most a hundred items at a time, and for fewer where their ids are long', () => {
  const short = Array.from({ length: 250 }, (_, i) => `${i}`);
  expect(queriesOf(short).map((part) => part.length)).toEqual([100, 100, 50]);
  expect(queriesOf(short).flat()).toEqual(short);
  // Each letter takes nine characters of an address.
  const long = Array.from({ length: 10 }, (_, i) => `${i}${'漢'.repeat(80)}`);
  for (const part of queriesOf(long)) expect(encodeURIComponent(part.join('')).length).toBeLessThan(4000);
  expect(queriesOf(long).flat()).toEqual(long);
  expect(queriesOf([])).toEqual([]);
});
