import { expect, it } from 'vitest';
import { untilRecount } from '../../../../src/console/pages/data/recount.ts';

const AT = '2026-03-01T12:00:00.000Z';
const after = (seconds: number) => untilRecount(AT, Date.parse(AT) + seconds * 1000);

it('waits for the rest of the minute in which the api keeps its counts', () => {
  expect(after(10)).toBe(51_000);
  expect(after(59)).toBe(2_000);
});

it('neither waits for ever nor asks without a pause where the clocks differ', () => {
  expect(after(-86_400)).toBe(60_000);
  expect(after(86_400)).toBe(2_000);
});
