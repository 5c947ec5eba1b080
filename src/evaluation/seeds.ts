import type { SeedReport } from '../domain/reports/seed-report.ts';
import { type Resampling, withoutResampling } from './bootstrap.ts';
import type { Measurements } from './comparison.ts';

/** Columns of several seeds as one, [seeds * users], seed by seed: see `statistic`. */
export function joinColumns(columns: readonly Float64Array[]): Float64Array {
  const joined = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    joined.set(column, at);
    at += column.length;
  }
  return joined;
}

/** The values of some users in a column of one seed or several. @param users how many there are in all */
export function pickUsers(column: Float64Array, places: Int32Array, users: number): Float64Array {
  const seeds = users === 0 ? 1 : column.length / users;
  const picked = new Float64Array(seeds * places.length);
  for (let seed = 0; seed < seeds; seed++)
    for (let i = 0; i < places.length; i++)
      picked[seed * places.length + i] = column[seed * users + places[i]!]!;
  return picked;
}

/**
 * Joins what was measured of one model with each seed: models that come again, by their names, are the same one of another seed.
 * The first one's facts stand for all.
 */
export function joinSeeds<O, M extends { name: string; outcome: O }>(
  models: readonly M[],
  join: (outcomes: readonly O[]) => O,
): M[] {
  const byName = new Map<string, M[]>();
  for (const model of models) byName.set(model.name, [...(byName.get(model.name) ?? []), model]);
  return [...byName.values()].map((same) =>
    same.length === 1 ? same[0]! : { ...same[0]!, outcome: join(same.map(({ outcome }) => outcome)) },
  );
}

/** Returns the figures of each seed by itself, of the models that were trained with every one of them. */
export function seedReports<O>(
  seeds: readonly number[],
  models: readonly Pick<Measurements<O>, 'name' | 'outcome'>[],
  figures: (outcome: O, resampling: Resampling) => { metrics: Record<string, { value: number }> },
): SeedReport[] {
  if (seeds.length === 1) return [];
  const repeated = models.filter(({ name }) => models.filter((one) => one.name === name).length > 1);
  const names = [...new Set(repeated.map(({ name }) => name))];
  return seeds.map((seed, i) => ({
    seed,
    models: names.map((name) => {
      const { outcome } = repeated.filter((one) => one.name === name)[i]!;
      const { metrics } = figures(outcome, withoutResampling());
      return {
        name,
        metrics: Object.fromEntries(Object.entries(metrics).map(([key, { value }]) => [key, value])),
      };
    }),
  }));
}
