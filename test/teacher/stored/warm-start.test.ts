import { describe, expect, it } from 'vitest';
import { paceOf, startedFrom, withoutFeatures } from '../../../src/teacher/stored/warm-start.ts';
import { csrOf } from '../../helpers/data.ts';

const table = (shape: number[], ...values: number[]) => ({ shape, values: Float32Array.from(values) });
/** Item 1 is new, and both known items stand for it. */
const newItems = {
  rows: Int32Array.of(1),
  map: csrOf([
    [1, 0],
    [0.5, 0.5],
    [0, 1],
  ]),
};

describe('a training that starts from an earlier one', () => {
  const fresh = {
    items: table([3, 2], 9, 9, 0.1, 0.2, 9, 9),
    bias: table([3], 9, 0.5, 9),
    layer: table([2], 9, 9),
    added: table([1], 7),
  };
  const weights = { items: table([2, 2], 1, 2, 3, 4), bias: table([2], 5, 7), layer: table([2], 1, 1) };

  it('has its weights, and new rows between those that stand for them with their own random numbers', () => {
    const start = startedFrom(fresh, { weights, newItems }, ['items', 'bias']);
    const values = Object.fromEntries(Object.entries(start).map(([name, one]) => [name, [...one.values]]));
    expect(values.items!.map((x) => Number(x.toFixed(5)))).toEqual([1, 2, 2.1, 3.2, 3, 4]);
    expect(values).toMatchObject({ bias: [5, 6.5, 7], layer: [1, 1], added: [7] });
    expect(start.items!.shape).toEqual([3, 2]);
    expect([...weights.items.values]).toEqual([1, 2, 3, 4]);
  });

  it('begins anew without one', () => {
    expect(startedFrom(fresh, undefined, ['items'])).toBe(fresh);
  });

  it('takes a share of the epochs and of the rate', () => {
    const settings = { epochs: 10, learningRate: 0.02 };
    expect(paceOf(settings, undefined)).toEqual(settings);
    expect(paceOf(settings, { weights, newItems })).toEqual({ epochs: 3, learningRate: 0.01 });
    expect(paceOf({ epochs: 1, learningRate: 1 }, { weights, newItems }).epochs).toBe(1);
  });

  it('takes what is said of items off the rows that contain it', () => {
    const described = { ...weights, 'features.items': table([1, 2], 0.5, 1) };
    const bags = csrOf([[2], [0], [1]]);
    const own = withoutFeatures({ weights: described, newItems }, bags, ['items', 'bias'])!;
    expect([...own.weights.items!.values]).toEqual([0, 0, 3, 4]);
    expect(own.weights.bias).toBe(weights.bias);
    expect(withoutFeatures(undefined, bags, ['items'])).toBeUndefined();
  });
});
