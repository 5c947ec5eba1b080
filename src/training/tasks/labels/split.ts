import { problem } from '../../../core/errors.ts';
import { type HashSet, includesHash } from '../../../core/hash-set.ts';
import { drawOfId, hashOfId } from '../../../core/id-hash.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import { LEAST_USERS, type LearnedBefore, type TakenOut } from '../../../dataset/split/take-out.ts';

export interface EntitySplit {
  train: Int32Array;
  validation: Int32Array;
  test: Int32Array;
  /** Entities of whose labels nothing is known. */
  unlabelled: Int32Array;
  /** Entities that were no test any more, where a version that learned from some of them teaches. */
  takenOut?: TakenOut;
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
  learned?: LearnedBefore,
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
  const drawn = {
    test: known.slice(0, test).sort(),
    validation: known.slice(known.length - (held - test)).sort(),
    train: known.slice(test, known.length - (held - test)).sort(),
    unlabelled: all.filter((row) => isKnown[row] === 0),
  };
  return learned ? withoutLearned(drawn, entities, learned) : drawn;
}

/** Entities whose labels were learned from before are trained on, and neither test nor validation. */
function withoutLearned(
  split: EntitySplit,
  entities: readonly string[],
  { test: anybody, validation: teacher, hashSeed }: LearnedBefore,
): EntitySplit {
  const isIn = (set: HashSet) => (row: number) => includesHash(set, hashOfId(entities[row]!, hashSeed));
  const [wasTested, wasChosenBy] = [isIn(anybody), isIn(teacher)];
  const test = split.test.filter((row) => !wasTested(row));
  let validation = split.validation.filter((row) => !wasChosenBy(row));
  const taken = {
    test: { taken: split.test.length - test.length, of: split.test.length },
    validation: { taken: split.validation.length - validation.length, of: split.validation.length },
  };
  // Calibration and thresholds need some: half of a test part that can spare them.
  const spared =
    validation.length === 0
      ? test.filter((_, i) => test.length >= 2 * LEAST_USERS && i % 2 === 1)
      : test.subarray(0, 0);
  validation = Int32Array.from([...validation, ...spared]).sort();
  const left = test.filter((row) => !spared.includes(row));
  const held = new Set([...validation, ...left]);
  return {
    ...split,
    test: left,
    validation,
    train: Int32Array.from(
      [...split.train, ...split.validation, ...split.test].filter((row) => !held.has(row)),
    ).sort(),
    takenOut: {
      test: taken.test,
      validation: { ...taken.validation, left: validation.length },
      testToValidation: spared.length,
      // Without validation there are no thresholds, so that nothing can be tested.
      testUsers: validation.length === 0 ? 0 : left.length,
    },
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
