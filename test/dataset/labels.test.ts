import { describe, expect, it } from 'vitest';
import { behaviourBag, companionsOf } from '../../src/dataset/companions.ts';
import { knownLabels } from '../../src/domain/tasks/known-labels.ts';
import { csrOf, denseOf } from '../helpers/data.ts';

describe('what is taken together', () => {
  const histories = csrOf([
    [1, 1, 0, 0],
    [1, 1, 1, 0],
    [0, 0, 1, 1],
  ]);

  const even = new Float32Array(4);

  it('is the sum of the other items of its users, each history in equal shares', () => {
    const [a, b] = [1 / 2, 1 / 3];
    expect(
      denseOf(companionsOf(histories, even, 9)).map((row) => row.map((x) => Math.round(x * 1e6) / 1e6)),
    ).toEqual(
      [
        [0, a + b, b, 0],
        [a + b, 0, b, 0],
        [b, b, 0, a],
        [0, 0, a, 0],
      ].map((row) => row.map((x) => Math.round(x * 1e6) / 1e6)),
    );
  });

  it('keeps the greatest of each, the lower item of equal ones', () => {
    const kept = denseOf(companionsOf(histories, even, 1)).map((row) => row.findIndex((x) => x > 0));
    expect(kept).toEqual([1, 0, 3, 2]);
    const two = denseOf(companionsOf(histories, even, 2))[2]!.map((x) => x > 0);
    expect(two).toEqual([true, false, false, true]);
    // By what they are in the bag: of item 0, with 5/6 and 1/3, the rare one.
    const rare = denseOf(companionsOf(histories, Float32Array.of(0, 99, 0, 0), 1))[0]!;
    expect(rare.findIndex((x) => x > 0)).toBe(2);
  });

  it('counts an item by the root of how many have it, and has length 1', () => {
    const bag = behaviourBag([0, 2], [1, 1], Float32Array.of(8, 0, 0));
    expect(bag[1]! / bag[0]!).toBeCloseTo(3, 5);
    expect(Math.hypot(...bag)).toBeCloseTo(1, 6);
    expect(behaviourBag([], [], new Float32Array(0))).toHaveLength(0);
  });
});

it.each<[string, object, string[]]>([
  ['categories', { categories: ['a', 'b', 'a'] }, ['a', 'b']],
  ['labels', {}, []],
  ['features.x', { features: { x: ['a', 'b'] } }, ['a', 'b']],
  ['features.x', { features: { x: 'a b' } }, ['a b']],
  ['features.x', { features: { x: 3 } }, ['3']],
  ['features.x', { features: { x: { y: 1 } } }, []],
  ['features.x', { features: { x: ['', null, true] } }, ['true']],
  ['features.x', {}, []],
])('labels from %s of %j', (from, entity, expected) => {
  expect(knownLabels({ features: {}, ...entity }, from)).toEqual(expected);
});
