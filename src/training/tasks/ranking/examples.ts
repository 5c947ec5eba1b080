import type { Rng } from '../../../core/rng.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { type NewestPairs, newestFirst } from '../../../dataset/split/newest.ts';
import { positionsInOrder } from '../../../dataset/split/places.ts';
import {
  EXAMPLE_ITEMS,
  EXAMPLES,
  type ExampleReport,
  listDifference,
} from '../../../domain/reports/example-report.ts';
import type { OnRanked } from '../../../evaluation/evaluate.ts';

/** Lists of some users, noted while everybody is ranked. */
export interface Examples {
  note: OnRanked;
  /** Returns the users of whom both lists are there. @param items their ids by row */
  named(items: readonly string[]): ExampleReport[];
}

/**
 * Draws test users and notes what teacher and student show them. Who is drawn follows from the seed of the job; the report names
 * none of them.
 * @param users rows of all test users
 * @param newest pairs of the histories with their times; unset: in the order of the histories
 */
export function createExamples(
  users: Int32Array,
  histories: Csr,
  newest: NewestPairs | undefined,
  rng: Rng,
): Examples {
  const drawn = new Set(rng.shuffle(users.slice()).subarray(0, EXAMPLES));
  const lists = new Map<string, Int32Array>();
  const keyOf = (ranker: string, user: number) => `${ranker} ${user}`;
  return {
    note(ranker, user, list) {
      const key = keyOf(ranker, user);
      // Students of further seeds come under the same name; the first is the one that is published.
      if (!drawn.has(user) || lists.has(key)) return;
      if (ranker === 'teacher' || ranker === 'student') lists.set(key, list.slice(0, EXAMPLE_ITEMS));
    },
    named: (items) =>
      [...drawn].flatMap((user) => {
        const idsOf = (rows: Iterable<number>) => Array.from(rows, (row) => items[row]!);
        const both = ['teacher', 'student'].map((ranker) => lists.get(keyOf(ranker, user)));
        const [teacher, student] = both.map((list) => list && idsOf(list));
        if (!teacher || !student) return [];
        const history = idsOf(newestOf(histories, user, newest).slice(0, EXAMPLE_ITEMS));
        return [{ history, teacher, student, ...listDifference(teacher, student) }];
      }),
  };
}

function newestOf(histories: Csr, user: number, newest: NewestPairs | undefined): number[] {
  const positions = newest
    ? newestFirst(histories, user, newest)
    : [...positionsInOrder(histories, user)].reverse();
  return positions.map((position) => histories.indices[position]!);
}
