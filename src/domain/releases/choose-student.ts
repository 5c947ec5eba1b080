import { kneeOf } from './front.ts';

/** Rules by which one of several students is chosen. */
export const CHOICES = ['best', 'smallest', 'knee'] as const;
export type Choice = (typeof CHOICES)[number];

/** One of several students of a request, as far as the choice goes. */
export interface Contestant {
  version: number;
  passed: boolean;
  /** Its figure by the metric of the headline; above is better (errors are negative). */
  merit: number | null;
  bytes: number;
}

/**
 * Returns the student that takes the alias; null where none has passed. The same set gives the same answer in any order, so that it
 * may be asked again whenever another one has come.
 * @param margin share of the best one's figure by which a smaller one may lie below it
 */
export function chooseStudent(
  contestants: readonly Contestant[],
  choose: Choice,
  margin: number,
): Contestant | null {
  const passed = contestants.filter((one) => one.passed);
  const merit = (one: Contestant) => one.merit ?? Number.NEGATIVE_INFINITY;
  const byMerit = passed.toSorted(
    (a, b) => merit(b) - merit(a) || a.bytes - b.bytes || a.version - b.version,
  );
  const best = byMerit[0];
  if (!best || choose === 'best' || best.merit === null) return best ?? null;
  if (choose === 'knee') {
    const measured = byMerit.flatMap((one) =>
      one.merit === null ? [] : [{ merit: one.merit, bytes: one.bytes, microseconds: null, one }],
    );
    return kneeOf(measured, margin)!.point.one;
  }
  const least = best.merit - margin * Math.abs(best.merit);
  const near = byMerit.filter((one) => merit(one) >= least);
  return near.toSorted((a, b) => a.bytes - b.bytes || merit(b) - merit(a) || a.version - b.version)[0]!;
}
