import { type Judgement, judge } from './judge.ts';
import { type Moments, NO_MOMENTS } from './moments.ts';
import type { Ending, Traffic, TrafficMetric } from './traffic.ts';
import { CONTROL } from './traffic.ts';

/** Users whose time is over, by variant. */
export type ObservedUsers = Readonly<Record<string, Record<TrafficMetric, Moments> & { served: number }>>;

/** A running comparison, and when it began. */
type Compared = Traffic & { epoch: number };

const DAY_MS = 86_400_000;

/** Judges the comparison by what was counted until now; null for traffic without a test. */
export function judgeTraffic(
  { test, variants, endings, epoch }: Compared,
  users: ObservedUsers,
  now: number,
): Judgement | null {
  if (!test) return null;
  const momentsOf = (name: string) => users[name]?.[test.metric] ?? NO_MOMENTS;
  const candidates = Object.fromEntries(variants.map(({ name }) => [name, momentsOf(name)]));
  const days = (now - epoch) / DAY_MS;
  const isThere = (one: string | null) => one === null || Object.hasOwn(candidates, one);
  const stopped = endings.filter(({ variant }) => !isThere(variant)).length;
  return judge({ control: momentsOf(CONTROL), candidates, stopped, days }, test);
}

/** Decides what becomes of traffic now; null where it goes on. @param stable number of the version that is live */
export function endingOf(
  traffic: Compared,
  users: ObservedUsers,
  stable: number | null,
  now: number,
): Omit<Ending, 'at'> | null {
  const { variants, test } = traffic;
  const same = variants.find(({ version }) => version === stable);
  if (same) {
    const text = `Version ${same.version} (${same.name}) has stable now, so that there is nothing to compare.`;
    return { kind: 'overtaken', variant: same.name, version: same.version, promoted: false, text };
  }
  const judgement = judgeTraffic(traffic, users, now);
  if (!judgement || judgement.decision.kind === 'go-on') return null;
  const { decision } = judgement;
  if (decision.kind === 'undecided') {
    const text = `No variant was shown to be better or worse than stable by ${test!.metric} before the end; stable stays.`;
    return { kind: 'undecided', variant: null, version: null, promoted: false, text };
  }
  const { kind, variant } = decision;
  const { version } = variants.find(({ name }) => name === variant)!;
  const promoted = kind === 'better' && test!.onEnd === 'promote';
  const text = `${variant} (version ${version}) is ${kind} than stable by ${test!.metric}: ${figures(judgement, users, variant, test!.metric)}.`;
  return { kind, variant, version, promoted, text };
}

function figures(
  { comparisons }: Judgement,
  users: ObservedUsers,
  variant: string,
  metric: TrafficMetric,
): string {
  const { estimate, low, high, pValue } = comparisons[variant]!.difference!;
  const [control, candidate] = [users[CONTROL]![metric], users[variant]![metric]];
  return `the difference is ${short(estimate)} (${short(low)} to ${short(high)}), always-valid p ${short(pValue)}, of ${candidate.users} and ${control.users} users`;
}

const short = (value: number) => String(Number(value.toPrecision(3)));
