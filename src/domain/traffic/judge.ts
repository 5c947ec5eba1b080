import { type Moments, meanOf, NO_MOMENTS } from './moments.ts';
import { compareMeans, type Difference } from './sequential-test.ts';
import type { TrafficTest } from './traffic.ts';

/** Counts of users since the versions that are compared began to answer side by side. */
export interface Observed {
  control: Moments;
  /** By the name of the variant. */
  candidates: Readonly<Record<string, Moments>>;
  /** Variants that were compared and stopped before; they share in the error that the experiment may make. */
  stopped: number;
  days: number;
}

export type Verdict = 'better' | 'worse' | 'open' | 'too-few';

export interface Comparison {
  verdict: Verdict;
  /** Null while nothing can be said. */
  difference: Difference | null;
}

export interface Judgement {
  /** Decision that follows: go on, end all with a winner, stop one variant, or end without a difference. */
  decision: { kind: 'go-on' } | { kind: 'better' | 'worse'; variant: string } | { kind: 'undecided' };
  comparisons: Readonly<Record<string, Comparison>>;
}

/** Where no number is planned, the interval is narrowest here. */
const PLANNED_USERS = 10_000;

/**
 * Decides whether an experiment has ended. It may be asked at any time and as often as one likes: with no difference between the
 * variants it says `better` of any of them, ever, with a probability of at most half of alpha.
 */
export function judge(
  { control, candidates, stopped, days }: Observed,
  { alpha, harm, minimumUsers, endAfter }: TrafficTest,
): Judgement {
  const names = Object.keys(candidates).sort();
  // Bonferroni: several variants have several chances to look better than they are.
  const each = alpha / Math.max(1, names.length + stopped);
  const planned = endAfter.users ?? PLANNED_USERS;
  const compare = (candidate: Moments): Comparison => {
    const difference = compareMeans(control, candidate, { alpha: each, planned });
    if (Math.min(control.users, candidate.users) < minimumUsers) return { verdict: 'too-few', difference };
    if (difference === null) return { verdict: 'open', difference };
    if (difference.low > 0) return { verdict: 'better', difference };
    const isWorse = difference.high < -harm * Math.abs(meanOf(control));
    return { verdict: isWorse ? 'worse' : 'open', difference };
  };
  const comparisons = Object.fromEntries(
    names.map((name) => [name, compare(candidates[name] ?? NO_MOMENTS)]),
  );
  return { comparisons, decision: decide() };

  function decide(): Judgement['decision'] {
    const worse = names.find((name) => comparisons[name]!.verdict === 'worse');
    if (worse !== undefined) return { kind: 'worse', variant: worse };
    const [best] = names
      .filter((name) => comparisons[name]!.verdict === 'better')
      .sort((a, b) => comparisons[b]!.difference!.estimate - comparisons[a]!.difference!.estimate);
    if (best !== undefined) return { kind: 'better', variant: best };
    const users = names.reduce((sum, name) => sum + candidates[name]!.users, control.users);
    const isOver = users >= (endAfter.users ?? Number.POSITIVE_INFINITY) || days >= endAfter.days;
    return { kind: isOver ? 'undecided' : 'go-on' };
  }
}
