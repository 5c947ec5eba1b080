import type { NewItems } from '../../dataset/new-items.ts';
import { composeRows } from '../../features/compose.ts';
import type { Bags } from '../../features/encoding.ts';
import type { NamedValues } from '../../tensor/train/named-values.ts';
import type { WarmStart } from '../contract.ts';
import { mapRows } from './map-items.ts';

/** Shares of the epochs and of the learning rate of a training from scratch. */
export interface Pace {
  epochs: number;
  rate: number;
}

/** Chosen on older pairs, see "The refit" in docs/defaults.md. */
const TEACHER: Pace = { epochs: 0.3, rate: 0.5 };

/** Returns how much of a training is left to one that starts from an earlier one's weights; all of it for any other. */
export function paceOf<S extends { epochs: number; learningRate: number }>(
  settings: S,
  start: WarmStart | undefined,
): Pick<S, 'epochs' | 'learningRate'> {
  const { epochs, learningRate } = settings;
  return start ? slowed({ epochs, learningRate }, TEACHER) : { epochs, learningRate };
}

export function slowed<S extends { epochs: number; learningRate: number }>(
  { epochs, learningRate }: S,
  pace: Pace,
): Pick<S, 'epochs' | 'learningRate'> {
  return { epochs: Math.ceil(pace.epochs * epochs), learningRate: pace.rate * learningRate };
}

/**
 * Returns the start values of a training: the earlier one's, where there was one. The row of a new item is that of the items that
 * stand for it and the random numbers that it would have started with, so that no two begin alike.
 * @param fresh start values from scratch; those that the earlier training does not have stay
 * @param ofItems names of the matrices and vectors with one row for each item
 */
export function startedFrom(
  fresh: NamedValues,
  start: WarmStart | undefined,
  ofItems: readonly string[],
): NamedValues {
  if (!start) return fresh;
  const { weights, newItems } = start;
  return Object.fromEntries(
    Object.entries(fresh).map(([name, initial]) => {
      const before = weights[name];
      if (!before) return [name, initial];
      return [name, ofItems.includes(name) ? withNewRows(initial, before.values, newItems) : before];
    }),
  );
}

function withNewRows(
  { shape, values: random }: NamedValues[string],
  before: Float32Array,
  { rows, map }: NewItems,
): NamedValues[string] {
  const width = shape[1] ?? 1;
  const values = mapRows(map, before, width);
  for (const row of rows) {
    for (let at = row * width; at < (row + 1) * width; at++) values[at]! += random[at]!;
  }
  return { shape, values };
}

/**
 * Returns the weights with the items' own rows alone, where those of a trained model contain what is said of the items.
 * @param bags what is said of all items, new ones last
 */
export function withoutFeatures(
  start: WarmStart | undefined,
  bags: Bags,
  ofItems: readonly string[],
): WarmStart | undefined {
  if (!start) return undefined;
  const own = ofItems.flatMap((name) => {
    const table = start.weights[`features.${name}`];
    const before = start.weights[name];
    if (!table || !before) return [];
    const width = table.shape[1]!;
    const said = composeRows({ width, values: table.values }, bags);
    return [[name, { ...before, values: before.values.map((value, at) => value - said[at]!) }] as const];
  });
  return { ...start, weights: { ...start.weights, ...Object.fromEntries(own) } };
}
