import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Ridge } from './fold-in-solve.ts';
import { createIalsRounds } from './ials-rounds.ts';

/** Rounds of iALS; after six the ranking of settings does not change any more, and little is gained. */
const ROUNDS = 6;

/**
 * Learns item factors by iALS without choosing when to stop: what a small model takes as it is, or starts from.
 * @param pairs [users, items]
 * @param step reports progress and lets messages in
 * @returns [items, dimensions]
 */
export async function learnIalsItems(
  engine: Engine,
  pairs: Csr,
  settings: Ridge & { dimensions: number },
  rng: Rng,
  step: () => Promise<void>,
): Promise<Float32Array> {
  const rounds = createIalsRounds(engine, pairs, settings, rng);
  for (let round = 0; round < ROUNDS; round++) for (const _ of rounds.round()) await step();
  return rounds.items();
}
