import type { Rng } from '../../core/rng.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine } from '../../tensor/engine.ts';
import type { Ridge } from './fold-in-solve.ts';
import { improveRows } from './improve-rows.ts';

/** Deviation of the first factors' lengths (Rendle et al., RecSys 2022). */
const START = 0.1;
/**
 * Steps of conjugate gradients for each side in each round. With three, eight rounds end where exact solutions do: NDCG@10 .0767
 * and .0772 on citeulike's validation part, .1211 and .1222 on MovieLens-100K's, at 64 dimensions and one seed.
 */
const STEPS = 3;

export interface IalsRounds {
  /** Improves the users' vectors for given items and then the items' for given users; yields the share that is done. */
  round(): Generator<number, void>;
  /** [items, d] as they are now */
  items(): Float32Array;
}

/**
 * The rounds of iALS on the pairs [users, items], from random items.
 * @param startOf returns the items to start from, for random ones
 */
export function createIalsRounds(
  engine: Engine,
  pairs: Csr,
  { dimensions: d, ...ridge }: Ridge & { dimensions: number },
  rng: Rng,
  startOf: (random: Float32Array) => Float32Array = (random) => random,
): IalsRounds {
  const takers = transpose(pairs);
  let users: Float32Array = new Float32Array(pairs.rows * d);
  const random = Float32Array.from(
    { length: pairs.columns * d },
    () => (START / Math.sqrt(d)) * rng.normal(),
  );
  let items = startOf(random);
  function* half(factors: Float32Array, observed: Csr, from: Float32Array, done: number) {
    const steps = improveRows(engine, factors, observed, ridge, from, STEPS);
    try {
      for (let step = 1; ; step++) {
        const next = steps.next();
        if (next.done) return next.value;
        yield done + step / STEPS / 2;
      }
    } finally {
      // A training that is cancelled ends between two steps: what they hold is released.
      steps.return(from);
    }
  }
  return {
    items: () => items,
    *round() {
      users = yield* half(items, pairs, users, 0);
      items = yield* half(users, takers, items, 0.5);
    },
  };
}
