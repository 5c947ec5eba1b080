import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Ridge } from '../../tensor/ridge/ridge.ts';
import { createIalsRounds } from './ials-rounds.ts';

/** Rounds of iALS; after six the ranking of settings does not change any more, and little is gained. */
const ROUNDS = 6;

/**
 * Learns item factors by iALS without choosing when to stop: what a small model takes as it is, or starts from.
 * @param pairs [users, items]
 * @param step reports the share that is done and lets messages in
 * @returns [items, dimensions]
 */
export async function learnIalsItems(
  engine: Engine,
  pairs: Csr,
  settings: Ridge & { dimensions: number },
  rng: Rng,
  step: (done: number) => Promise<void>,
): Promise<Float32Array> {
  const rounds = createIalsRounds(engine, pairs, settings, rng);
  try {
    for (let round = 0; round < ROUNDS; round++) await rounds.round((done) => step((round + done) / ROUNDS));
    return rounds.columns();
  } finally {
    await rounds.close();
  }
}
