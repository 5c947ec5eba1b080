import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import type { Csr } from '../../../../src/dataset/matrix.ts';
import type { Split } from '../../../../src/dataset/split/split.ts';
import { createValidation } from '../../../../src/training/tasks/ranking/validation.ts';
import { csrOf } from '../../../helpers/data.ts';

const split: Split = {
  train: csrOf([
    [1, 0, 0, 0, 0],
    [0, 0, 0, 0, 1],
  ]),
  foldIn: csrOf([
    [0, 1, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]),
  validation: csrOf([
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0],
  ]),
  test: csrOf([
    [0, 0, 0, 0, 1],
    [1, 0, 0, 0, 0],
  ]),
  validationIsHistory: true,
  kinds: new Uint8Array(2),
};

/** The metric of a model that puts the items in the order of their numbers, and with what it was asked. */
async function measured(shown?: Csr) {
  const asked: number[][] = [];
  const validation = createValidation(split, 3, createRng(1), {}, shown)!;
  const metric = await validation.metric((histories) => {
    asked.push([...histories.indices]);
    return Float32Array.from({ length: histories.rows * 5 }, (_, at) => -(at % 5));
  });
  return { metric, asked, patience: validation.patience };
}

describe('validation', () => {
  // Items 0 and 1 are known of the user, so the list is 2, 3, 4, and the validation pair stands second.
  const second = 1 / Math.log2(3);

  it('ranks the validation pairs among what is not known by then, of the users who have some', async () => {
    const { metric, asked, patience } = await measured();
    expect(metric).toBeCloseTo(second, 12);
    expect(asked).toEqual([[0, 1]]);
    expect(patience).toBe(3);
  });

  it('masks what is known also where models are asked with something else', async () => {
    const shown = csrOf([
      [0, 0, 1, 1, 0],
      [0, 0, 0, 0, 0],
    ]);
    const { metric, asked } = await measured(shown);
    expect(metric).toBeCloseTo(second, 12);
    expect(asked).toEqual([[2, 3]]);
  });

  it('is none where nothing was held out for it', () => {
    const nothing = csrOf([Array(5).fill(0), Array(5).fill(0)]);
    expect(createValidation({ ...split, validation: nothing }, 3, createRng(1), {})).toBeUndefined();
  });

  it('is the same of a ranker that scores some items alone, with ties against it', async () => {
    const validation = createValidation(split, 3, createRng(1), {})!;
    const ofSome = (items: number[], values: number[]) =>
      validation.metricOfSome!((histories) => ({
        rows: 1,
        columns: histories.columns,
        indptr: Int32Array.of(0, items.length),
        indices: Int32Array.from(items),
        values: Float32Array.from(values),
      }));
    // Items 0 and 1 are known and count for nothing.
    expect(await ofSome([0, 1, 2, 3], [9, 8, 7, 6])).toBeCloseTo(second, 12);
    expect(await ofSome([0, 3], [9, 6])).toBe(1);
    expect(await ofSome([2, 3], [6, 6])).toBeCloseTo(second, 12);
    expect(await ofSome([2], [6])).toBe(0);
  });
});
