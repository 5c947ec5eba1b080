import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseTimestamp } from '../../../src/domain/base/timestamp.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');

const UNDERSTOOD: [value: string | number, milliseconds: number][] = [
  ['2026-03-01T12:00:00Z', NOON],
  ['2026-03-01T12:00:00.000Z', NOON],
  ['2026-03-01t12:00:00z', NOON],
  ['2026-03-01T14:00:00+02:00', NOON],
  ['2026-03-01T14:00:00+0200', NOON],
  ['2026-03-01 12:00:00', NOON],
  ['2026-03-01T12:00', NOON],
  ['2026-03-01', NOON - 12 * 3_600_000],
  ['2024-02-29', Date.parse('2024-02-29T00:00:00Z')],
  ['1970-01-01T00:00:00Z', 0],
  [0, 0],
  [881_250_949, 881_250_949_000],
  ['881250949', 881_250_949_000],
  [881_250_949.5, 881_250_949_500],
  [NOON / 1000, NOON],
  [NOON, NOON],
  [String(NOON), NOON],
  [99_999_999_999, 99_999_999_999_000],
  [100_000_000_000, 100_000_000_000],
];

describe('a time', () => {
  it.each(UNDERSTOOD)('%j is understood', (value, milliseconds) => {
    expect(parseTimestamp(value)).toBe(milliseconds);
  });

  it.each([
    'yesterday',
    '',
    ' ',
    '2026-03',
    '01.03.2026',
    '03/01/2026',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-03-01T25:00:00Z',
    '2026-03-01T12:61:00Z',
    '1969-12-31T23:59:59Z',
    '-5',
    '1e9',
    '0x10',
    '+2026-03-01',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%j is none', (value) => {
    expect(parseTimestamp(value)).toBeNaN();
  });
});

describe.each(['America/New_York', 'Asia/Kolkata'])('on a machine in %s', (zone) => {
  beforeAll(() => vi.stubEnv('TZ', zone));
  afterAll(() => vi.unstubAllEnvs());

  it.each(UNDERSTOOD)('%j is the same moment', (value, milliseconds) => {
    expect(new Date(NOON).getTimezoneOffset()).not.toBe(0);
    expect(parseTimestamp(value)).toBe(milliseconds);
  });
});
