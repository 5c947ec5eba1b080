import { problem } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';

export interface EntitySplit {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
  /** Entities of whose labels nothing is known. */
  unlabelled: Int32Array;
}

/**
 * Entities with labels at random into three parts; the same for the same seed.
 * @param isKnown [entities] @throws problem('not-enough-data') where a part would be empty
 */
export function splitEntities(
  isKnown: Uint8Array,
  { testFraction, validationFraction }: { testFraction: number; validationFraction: number },
  rng: Rng,
): EntitySplit {
  const all = Int32Array.from(isKnown, (_, row) => row);
  const known = rng.shuffle(all.filter((row) => isKnown[row] === 1));
  const test = Math.floor(testFraction * known.length);
  const held = test + Math.floor(validationFraction * known.length);
  if (test === 0 || held === test || held === known.length) {
    throw problem(
      'not-enough-data',
      `Labels of ${known.length} are known, of which dataset.split holds out ${test} for the test and ${held - test} for validation; at least one is needed in each part and for training`,
    );
  }
  return {
    test: known.slice(0, test).sort(),
    validation: known.slice(test, held).sort(),
    train: known.slice(held).sort(),
    unlabelled: all.filter((row) => isKnown[row] === 0),
  };
}

export function describeEntitySplit(
  of: string,
  { testFraction, validationFraction }: { testFraction: number; validationFraction: number },
  seed: number,
): string {
  const percent = (x: number) => `${Math.round(x * 1000) / 10} %`;
  return `random: ${percent(testFraction)} of the ${of} with labels are test and ${percent(validationFraction)} validation (seed ${seed})`;
}
