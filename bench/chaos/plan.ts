import { createRng } from '../../src/core/rng.ts';

export const TARGETS = ['trainer', 'worker', 'api', 'redis'] as const;
export type Target = (typeof TARGETS)[number];

/** One kill -9. */
export interface Strike {
  /** Since the strike before. */
  afterMs: number;
  target: Target;
  /** Which one, where there are several: modulo their number. */
  pick: number;
}

/** As many strikes of each kind as go, in random order at random moments. The same seed gives the same plan. */
export function planStrikes(seed: number, strikes: number, meanPauseMs: number): Strike[] {
  const rng = createRng(seed);
  const targets = rng.shuffle(Array.from({ length: strikes }, (_, i) => TARGETS[i % TARGETS.length]!));
  return targets.map((target) => ({
    afterMs: Math.round(meanPauseMs * (0.2 + 1.6 * rng.next())),
    target,
    pick: rng.int(1000),
  }));
}
