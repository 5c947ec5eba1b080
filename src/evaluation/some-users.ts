import type { Outcome } from './tally.ts';

/** An outcome over some of the evaluated users. @param places their positions among all of them */
export function outcomeOf(outcome: Outcome, places: Int32Array): Outcome {
  const pick = (columns: Outcome['metrics']) =>
    Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, Float64Array.from(places, (at) => values[at]!)]),
    );
  return { ...outcome, metrics: pick(outcome.metrics), fidelity: pick(outcome.fidelity) };
}
