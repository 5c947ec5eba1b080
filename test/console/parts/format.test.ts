import { expect, it } from 'vitest';
import { counted } from '../../../src/console/parts/format.ts';

it.each([
  [0, '0 lists'],
  [1, '1 list'],
  [2, '2 lists'],
  [1_000, '1,000 lists'],
])('%i: %s', (count, text) => {
  expect(counted(count, 'list')).toBe(text);
});

it('takes a word whose plural has no s', () => {
  expect([1, 3].map((count) => counted(count, 'entry', 'entries'))).toEqual(['1 entry', '3 entries']);
});
