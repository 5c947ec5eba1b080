import { describe, expect, it } from 'vitest';
import { type Compared, pickStudent } from '../../../../src/training/tasks/ranking/pick-student.ts';

const USERS = 100;
const of = (value: (user: number) => number) =>
  Float64Array.from({ length: USERS }, (_, user) => value(user));
const none = new Float64Array(0);

/** @param ndcg of each user, known and unseen alike @param shared overlap with the teacher */
const student = (name: string, ndcg: (user: number) => number, shared: number): Compared => {
  const own = { ndcg: of(ndcg), shared: of(() => shared) };
  return { student: name, work: 1, users: { known: own, unseen: own } };
};
const teacher = { known: of(() => 0.5), unseen: of(() => 0.5) };
/** One half of the users a little better, the other half as much worse. */
const noisy = (user: number) => (user % 2 === 0 ? 0.6 : 0.4);

describe('the pick of the student', () => {
  it('is the best, where the others are further away than chance explains', () => {
    const { picked, trials } = pickStudent(
      [student('near', () => 0.375, 0.875), student('good', (user) => 0.45 + 0.0001 * (user % 3), 0.5)],
      teacher,
    );
    expect(picked).toBe(1);
    expect(trials[0]).toMatchObject({
      student: 'near',
      known: 0.75,
      unseen: 0.75,
      score: 0.75,
      overlap: 0.875,
    });
    expect(trials[1]!.noise).toBe(0);
    expect(trials[0]!.noise).toBeLessThan(0.01);
  });

  it('is the nearest to the teacher among those that are as good within noise', () => {
    const { picked, trials } = pickStudent(
      [student('far', () => 0.505, 0.5), student('near', noisy, 0.9), student('bad', () => 0.3, 0.99)],
      teacher,
    );
    expect(picked).toBe(1);
    // Of two kinds of a hundred users each: .1 / .5 a user, by the root of a hundred, and of two.
    expect(trials[1]!.noise).toBeCloseTo(0.2 / Math.sqrt(99) / Math.SQRT2, 4);
    expect(trials[0]!.score - trials[1]!.score).toBeCloseTo(0.01, 6);
  });

  it('goes by one kind of users where there is no other', () => {
    const users = { ndcg: of(() => 0.25), shared: of(() => 0.5) };
    const one: Compared = {
      student: 'a',
      work: 1,
      users: { known: { ndcg: none, shared: none }, unseen: users },
    };
    const { trials } = pickStudent([one], { known: none, unseen: of(() => 0.5) });
    expect(trials).toEqual([
      { student: 'a', work: 1, known: null, unseen: 0.5, score: 0.5, noise: 0, overlap: 0.5 },
    ]);
  });
});
