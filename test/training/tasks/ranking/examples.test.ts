import { expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { createExamples } from '../../../../src/training/tasks/ranking/examples.ts';
import { csrOf } from '../../../helpers/data.ts';

const ITEMS = Array.from({ length: 12 }, (_, i) => `film-${i}`);
const USERS = 60;
const rowOf = (...items: number[]) => ITEMS.map((_, item) => Number(items.includes(item)));
const histories = csrOf(Array.from({ length: USERS }, (_, u) => rowOf(u % 12, (u + 3) % 12)));
const all = Int32Array.from({ length: USERS }, (_, u) => u);
const scores = new Float32Array(12);

it('shows twenty users that the seed draws, with the lists of teacher and published student alone', () => {
  const shown = (seed: number) => {
    const examples = createExamples(all, histories, undefined, createRng(seed));
    for (const user of all) {
      examples.note('teacher', user, Int32Array.of(1, 2, 3), scores);
      examples.note('popularity', user, Int32Array.of(9), scores);
      examples.note('student', user, Int32Array.of(3, 4, user % 12), scores);
      // The student of a further seed.
      examples.note('student', user, Int32Array.of(8), scores);
    }
    return examples.named(ITEMS);
  };
  const drawn = shown(1);
  expect(drawn).toHaveLength(20);
  expect(shown(1)).toEqual(drawn);
  expect(shown(2)).not.toEqual(drawn);
  const [one] = drawn;
  expect(one!.teacher).toEqual(['film-1', 'film-2', 'film-3']);
  expect(one!.student.slice(0, 2)).toEqual(['film-3', 'film-4']);
  expect(one!.gained).toContain('film-4');
  expect(one!.lost).toContain('film-1');
});

it('shows the newest ten of a history, and nobody of whom the teacher says nothing', () => {
  const long = csrOf([rowOf(...ITEMS.keys()), rowOf(0)]);
  const newest = {
    matrix: long,
    // Film 0 came last, film 11 first.
    time: Float64Array.from(long.indices, (item) => 100 - item),
  };
  const examples = createExamples(Int32Array.of(0, 1), long, newest, createRng(1));
  for (const user of [0, 1]) examples.note('student', user, Int32Array.of(1), scores);
  examples.note('teacher', 0, Int32Array.of(1), scores);
  expect(examples.named(ITEMS)).toEqual([
    { history: ITEMS.slice(0, 10), teacher: ['film-1'], student: ['film-1'], gained: [], lost: [] },
  ]);
});
