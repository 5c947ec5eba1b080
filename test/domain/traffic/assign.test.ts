import { expect, it } from 'vitest';
import { isCounted, layOut, SLOTS, slotOf } from '../../../src/domain/traffic/assign.ts';

const countOf = (slots: readonly string[], name: string) => slots.filter((one) => one === name).length;

it('gives a user the same slot for ever: other values would move everybody', () => {
  const users = ['user-1', 'user-2', 'ü/1', '', 'a'.repeat(300)];
  expect(users.map((user) => slotOf('default', user))).toEqual(FIXED);
  expect(users.map((user) => slotOf('other', user))).not.toEqual(FIXED);
});
const FIXED = [63, 23, 34, 6, 57];

it('spreads users evenly, and anew for another experiment', () => {
  const users = Array.from({ length: 50_000 }, (_, i) => `user-${i}`);
  for (const experiment of ['a', 'b']) {
    const counts = new Array<number>(SLOTS).fill(0);
    for (const user of users) counts[slotOf(experiment, user)]!++;
    const expected = users.length / SLOTS;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Quantiles .0005 and .9995 of chi-square with 99 degrees of freedom.
    expect(chiSquare).toBeGreaterThan(57);
    expect(chiSquare).toBeLessThan(153);
  }
  const same = users.filter((user) => slotOf('a', user) === slotOf('b', user)).length;
  expect(same / users.length).toBeCloseTo(1 / SLOTS, 2);
});

it('counts a sample of users that has nothing to do with their variants', () => {
  const users = Array.from({ length: 20_000 }, (_, i) => `user-${i}`);
  const counted = users.filter((user) => isCounted('a', user, 0.3));
  expect(counted.length / users.length).toBeCloseTo(0.3, 1);
  const low = counted.filter((user) => slotOf('a', user) < 50).length / counted.length;
  expect(low).toBeCloseTo(0.5, 1);
  expect(users.every((user) => isCounted('a', user, 1))).toBe(true);
});

it('lays out the shares exactly', () => {
  const slots = layOut({ stable: 90, candidate: 7, '12': 3 });
  expect(['stable', 'candidate', '12'].map((name) => countOf(slots, name))).toEqual([90, 7, 3]);
});

it('leaves users with a variant whose share grows or stays, whatever becomes of the others', () => {
  const slotsWith = (slots: readonly string[], names: string[]) =>
    slots.flatMap((name, slot) => (names.includes(name) ? [`${slot} ${name}`] : []));
  const before = layOut({ stable: 80, candidate: 10, '12': 10 });
  const after = layOut({ stable: 60, candidate: 30, '12': 10 }, before);
  expect(countOf(after, 'candidate')).toBe(30);
  expect(slotsWith(after, ['candidate'])).toEqual(expect.arrayContaining(slotsWith(before, ['candidate'])));
  expect(slotsWith(after, ['12'])).toEqual(slotsWith(before, ['12']));
  const back = layOut({ stable: 80, candidate: 10, '12': 10 }, after);
  expect(slotsWith(after, ['candidate'])).toEqual(expect.arrayContaining(slotsWith(back, ['candidate'])));
  expect(slotsWith(back, ['stable'])).toEqual(expect.arrayContaining(slotsWith(after, ['stable'])));
});
