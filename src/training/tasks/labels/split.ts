import { problem } from '../../../core/errors.ts';
import { drawOfId } from '../../../core/id-hash.ts';
import type { LabelledData } from '../../../dataset/labels.ts';

export interface EntitySplit {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
  /** Entities of whose labels nothing is known. */
  unlabelled: Int32Array;
}

/**
 * Entities with labels in three parts, drawn by their ids: test from one end of the lots and validation from the other, so
 * that few change their part when others are added.
 * @throws problem('not-enough-data') where a part would be empty
 */
export function splitEntities(
  { entities, isKnown }: Pick<LabelledData, 'entities' | 'isKnown'>,
  { testFraction, validationFraction }: { testFraction: number; validationFraction: number },
  seed: number,
): EntitySplit {
  const all = Int32Array.from(isKnown, (_, row) => row);
  const draws = entities.map((id) => drawOfId(id, seed));
  const known = all.filter((row) => isKnown[row] === 1).sort((a, b) => draws[a]! - draws[b]!);
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
    validation: known.slice(known.length - (held - test)).sort(),
    train: known.slice(test, known.length - (held - test)).sort(),
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
