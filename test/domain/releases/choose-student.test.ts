import { expect, it } from 'vitest';
import { type Contestant, chooseStudent } from '../../../src/domain/releases/choose-student.ts';

const one = (version: number, merit: number | null, bytes: number, passed = true): Contestant => ({
  version,
  merit,
  bytes,
  passed,
});
const LARGE = one(1, 0.3, 4000);
const MIDDLE = one(2, 0.297, 2000);
const SMALL = one(3, 0.29, 1000);

it('the best takes the alias, of equals the smaller, and nobody who has not passed', () => {
  expect(chooseStudent([SMALL, LARGE, MIDDLE], 'best', 0.02)).toBe(LARGE);
  expect(chooseStudent([LARGE, one(4, 0.3, 10)], 'best', 0.02)?.version).toBe(4);
  expect(chooseStudent([one(5, 0.9, 1, false), SMALL], 'best', 0.02)).toBe(SMALL);
  expect(chooseStudent([one(5, 0.9, 1, false)], 'best', 0.02)).toBeNull();
  expect(chooseStudent([], 'smallest', 0.02)).toBeNull();
});

it('the smallest is one within the margin of the best, whoever came first', () => {
  for (const order of [
    [LARGE, MIDDLE, SMALL],
    [SMALL, MIDDLE, LARGE],
    [MIDDLE, SMALL, LARGE],
  ]) {
    // 2 % of .3 is .006: .29 is within 2 % of .297, but not of the best.
    expect(chooseStudent(order, 'smallest', 0.02)).toBe(MIDDLE);
    expect(chooseStudent(order, 'smallest', 0.05)).toBe(SMALL);
  }
});

it('the smallest of errors, which are negative, is within the margin too', () => {
  const errors = [one(1, -0.9, 4000), one(2, -0.91, 2000), one(3, -0.95, 1000)];
  expect(chooseStudent(errors, 'smallest', 0.02)?.version).toBe(2);
});

it('takes the knee of those that passed', () => {
  const [tiny, small, large, larger] = [
    one(1, 0.1, 100),
    one(2, 0.26, 190),
    one(3, 0.28, 460),
    one(4, 0.3, 1000),
  ];
  expect(chooseStudent([large, tiny, larger, small], 'knee', 0.02)).toBe(small);
  // Without the small one the front of the others has its bend at the next.
  expect(chooseStudent([tiny, { ...small, passed: false }, large, larger], 'knee', 0.02)).toBe(large);
  expect(chooseStudent([{ ...tiny, merit: null }], 'knee', 0.02)?.version).toBe(1);
});
