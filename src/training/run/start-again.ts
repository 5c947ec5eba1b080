import type { Rng } from '../../core/rng.ts';
import type { DistillSettings } from '../../distillation/distill.ts';
import type { WarmStart } from '../../teacher/contract.ts';
import { type Pace, slowed, startedFrom } from '../../teacher/stored/warm-start.ts';
import type { NamedValues } from '../../tensor/train/named-values.ts';

/** Parameters of students with a row for each item. */
const OF_ITEMS = ['itemsIn', 'itemsOut', 'itemBias'];
/** Deviation of the random part of a new item's row, as of a random start. */
const SPREAD = 0.05;

/**
 * A student needs more than a teacher: it learns new items from what the teacher says of them now. Chosen on older pairs, see "The
 * refit" in docs/defaults.md.
 */
const STUDENT: Pace = { epochs: 0.5, rate: 1 };

/** A student's parameters to go on from. */
export interface StartAgain extends WarmStart {
  /** Shares of the epochs and of the rate; unset: those of a refit. */
  pace?: Pace;
}

/** Returns the start values of a student that is taught on: all its parameters as they were before rounding. */
export function studentAgain(start: WarmStart, rng: Rng): NamedValues {
  const { weights, newItems } = start;
  const fresh = Object.entries(weights).map(([name, { shape, values }]) => {
    if (!OF_ITEMS.includes(name)) return [name, { shape, values }] as const;
    const longer = [newItems.map.rows, ...shape.slice(1)];
    const numbers = new Float32Array(longer.reduce((size, n) => size * n, 1));
    const isMatrix = shape.length > 1;
    return [
      name,
      { shape: longer, values: isMatrix ? numbers.map(() => SPREAD * rng.normal()) : numbers },
    ] as const;
  });
  return startedFrom(Object.fromEntries(fresh), start, OF_ITEMS);
}

type Paced = Pick<DistillSettings, 'epochs' | 'roundedEpochs' | 'freeze'> & { learningRate: number };

/**
 * Returns the settings of a training that goes on, with rounding seen for the same share of it. Parameters that were frozen all the
 * while stay so; those that were frozen at first have been let go.
 */
export function settingsAgain<S extends Paced>(settings: S, pace: Pace = STUDENT): S {
  const { epochs, roundedEpochs, freeze } = settings;
  return {
    ...settings,
    ...slowed(settings, pace),
    roundedEpochs: Math.ceil(pace.epochs * roundedEpochs),
    ...(freeze && {
      freeze: freeze.filter((one) => one.epochs >= epochs),
    }),
  };
}
