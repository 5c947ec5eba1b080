import type { Scenario } from './simulate.ts';

const clicks = { metric: 'click-through', rate: 0.1, users: 20_000 } as const;
const purchases = { metric: 'conversions', rate: 0.03, users: 30_000 } as const;
const revenue = { metric: 'revenue', rate: 0.03, users: 30_000 } as const;

/** Differences that are known, and none. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'clicks, a fifth more', ...clicks, candidate: 50, lift: 1.2 },
  { name: 'clicks, a fifth fewer', ...clicks, candidate: 50, lift: 0.8 },
  { name: 'clicks, half more, a tenth of the users', ...clicks, candidate: 10, lift: 1.5 },
  { name: 'clicks, half as many, a tenth of the users', ...clicks, candidate: 10, lift: 0.5 },
  { name: 'purchases, a quarter more', ...purchases, candidate: 50, lift: 1.25 },
  { name: 'revenue, four tenths more', ...revenue, candidate: 50, lift: 1.4 },
  { name: 'clicks, no difference', ...clicks, candidate: 50, lift: 1 },
  { name: 'clicks, no difference, a tenth of the users', ...clicks, candidate: 10, lift: 1 },
  { name: 'rare clicks, no difference', ...clicks, rate: 0.005, candidate: 50, lift: 1 },
  { name: 'rare clicks, no difference, 1 % of the users', ...clicks, rate: 0.005, candidate: 1, lift: 1 },
  { name: 'purchases, no difference', ...purchases, candidate: 50, lift: 1 },
  { name: 'revenue, no difference', ...revenue, candidate: 50, lift: 1 },
];
