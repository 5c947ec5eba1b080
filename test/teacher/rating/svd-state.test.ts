import { describe, expect, it } from 'vitest';
import type { TeacherState } from '../../../src/teacher/contract.ts';
import { remapSvd, type SvdModel, svdModel, svdState } from '../../../src/teacher/rating/svd-state.ts';
import type { ItemMap } from '../../../src/teacher/stored/map-items.ts';

const vector = (...values: number[]) => Float32Array.from(values);

/** Two users, three items, two dimensions. */
const MODEL: SvdModel = {
  settings: {
    ...{ kind: 'matrix-factorization', objective: 'svd++', implicit: true, dimensions: 2, epochs: 3 },
    ...{ learningRate: 0.01, decay: 0.9, regularization: 0.1, biasRegularization: 0.005 },
  },
  factors: {
    dimensions: 2,
    mean: 11 / 3,
    userBias: vector(0.5, -0.5),
    itemBias: vector(1, 2, 3),
    users: vector(1, 2, 3, 4),
    items: vector(10, 11, 20, 21, 30, 31),
    implicit: vector(-10, -11, -20, -21, -30, -31),
  },
  trained: {
    rows: 2,
    columns: 3,
    indptr: Int32Array.of(0, 2, 3),
    indices: Int32Array.of(0, 2, 1),
    values: vector(5, 4, 2),
  },
};

describe('a model of ratings at rest', () => {
  it('comes back as it was', () => {
    expect(svdModel(svdState(MODEL), 3)).toEqual(MODEL);
  });

  it.each<[string, (state: TeacherState) => TeacherState, RegExp]>([
    [
      'settings of another kind',
      (state) => ({ ...state, settings: { kind: 'ease', lambda: 100 } }),
      /the stored teacher of ratings cannot be used: .*objective/,
    ],
    [
      'a number of dimensions that is none',
      (state) => ({ ...state, settings: { ...state.settings, dimensions: 0 } }),
      /settings\/dimensions must be >= 1/,
    ],
    [
      'other dimensions than its factors have',
      (state) => ({ ...state, settings: { ...state.settings, dimensions: 3 } }),
      /the tensor users has 4 numbers instead of 6/,
    ],
    [
      'a tensor that is missing',
      ({ tensors: { implicit: _, ...tensors }, ...state }) => ({ ...state, tensors }),
      /the tensor implicit has no numbers instead of 6/,
    ],
  ])('is refused with %s', (_, change, message) => {
    expect(() => svdModel(change(svdState(MODEL)), 3)).toThrow(
      expect.objectContaining({ code: 'invalid-artifact', detail: expect.stringMatching(message) }),
    );
  });

  it('is refused over another number of items than its version has', () => {
    expect(() => svdModel(svdState(MODEL), 4)).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('it knows 3 items instead of 4') }),
    );
  });
});

describe('a model of ratings for another catalogue', () => {
  /** The third item first, then one that the first two stand for, one that nothing is known of, and the first item. */
  const map: ItemMap = {
    rows: 4,
    columns: 3,
    indptr: Int32Array.of(0, 1, 3, 3, 4),
    indices: Int32Array.of(2, 0, 1, 0),
    values: vector(1, 0.5, 0.5, 1),
  };
  const mapped = remapSvd(MODEL, map, Int32Array.of(2, -1, -1, 0));

  it('gives an item its own row, and a new one the mean of those that stand for it', () => {
    const { itemBias, items, implicit } = mapped.factors;
    expect([...itemBias]).toEqual([3, 1.5, 2, 1]);
    expect([...items]).toEqual([30, 31, 15, 16, 20, 21, 10, 11]);
    expect([...implicit]).toEqual([-30, -31, -15, -16, -20, -21, -10, -11]);
  });

  it('knows what its users rated by the new items, without those that are gone', () => {
    const { rows, columns, indptr, indices, values } = mapped.trained;
    expect([rows, columns]).toEqual([2, 4]);
    expect([...indptr]).toEqual([0, 2, 2]);
    expect([...indices]).toEqual([0, 3]);
    expect([...values]).toEqual([4, 5]);
    expect(mapped.factors.users).toBe(MODEL.factors.users);
  });

  it('can be stored again', () => {
    expect(svdModel(svdState(mapped), 4)).toEqual(mapped);
  });
});
