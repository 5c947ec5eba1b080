import { expect, it } from 'vitest';
import { meanWithInterval, type Resampling } from '../../src/evaluation/bootstrap.ts';
import { joinColumns, joinSeeds, seedReports } from '../../src/evaluation/seeds.ts';

const model = (name: 'teacher' | 'student', ...values: number[]) => ({
  name,
  outcome: Float64Array.from(values),
});
const trained = [model('teacher', 1, 2), model('student', 3, 4), model('student', 5, 6)];
const figures = (outcome: Float64Array, resampling: Resampling) => ({
  metrics: { mean: meanWithInterval(outcome, resampling) },
});

it('models that come again are one, with the values of all seeds; the others stay', () => {
  const joined = joinSeeds(trained, joinColumns);
  expect(joined.map(({ name, outcome }) => [name, ...outcome])).toEqual([
    ['teacher', 1, 2],
    ['student', 3, 4, 5, 6],
  ]);
});

it('each seed has its own figures, of the models that were trained with it', () => {
  expect(seedReports([7, 8], trained, figures)).toEqual([
    { seed: 7, models: [{ name: 'student', metrics: { mean: 3.5 } }] },
    { seed: 8, models: [{ name: 'student', metrics: { mean: 5.5 } }] },
  ]);
  // Of another task, which more users have.
  expect(seedReports([7, 8], [model('student', 1, 1, 1), model('student', 2, 2, 2)], figures)).toEqual([
    { seed: 7, models: [{ name: 'student', metrics: { mean: 1 } }] },
    { seed: 8, models: [{ name: 'student', metrics: { mean: 2 } }] },
  ]);
  expect(seedReports([7], trained.slice(0, 2), figures)).toEqual([]);
});
