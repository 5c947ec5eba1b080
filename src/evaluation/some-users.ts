import { joinColumns, pickUsers } from './seeds.ts';
import type { Outcome } from './tally.ts';

/**
 * An outcome over some of the evaluated users.
 * @param places their positions among all of them @param users how many all are
 */
export function outcomeOf(outcome: Outcome, places: Int32Array, users: number): Outcome {
  const pick = (columns: Outcome['metrics']) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, pickUsers(values, places, users)]),
    );
  return { ...outcome, metrics: pick(outcome.metrics), fidelity: pick(outcome.fidelity) };
}

/** The outcomes of one ranker with several seeds as one. What has no interval, exposure and segments, is that of the first. */
export function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes as [Outcome];
  const join = (of: (outcome: Outcome) => Outcome['metrics']) =>
    Object.fromEntries(
      Object.keys(of(first)).map((name) => [name, joinColumns(outcomes.map((one) => of(one)[name]!))]),
    );
  return { ...first, metrics: join(({ metrics }) => metrics), fidelity: join(({ fidelity }) => fidelity) };
}
