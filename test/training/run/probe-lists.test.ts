import { describe, expect, it } from 'vitest';
import { listsOf } from '../../../src/training/run/probe-lists.ts';
import { sampleWeights } from '../../artifact/sample-student.ts';
import { csrOf } from '../../helpers/data.ts';

const weights = sampleWeights(6, 2);
/** A history of three items, oldest first. */
const ordered = (...items: number[]) => {
  const matrix = csrOf([[0, 1, 2, 3, 4, 5].map((item) => Number(items.includes(item)))]);
  return { ...matrix, order: Int32Array.from(matrix.indices, (item) => items.indexOf(item)) };
};

describe('the answers that two students are compared by', () => {
  it('read as many of the newest items of a history as serving does', () => {
    const all = listsOf(weights, ordered(4, 0, 2), 500);
    const one = listsOf(weights, ordered(4, 0, 2), 1);
    expect(one.lists).toEqual(listsOf(weights, ordered(2), 500).lists);
    // Items of the history that is read are not shown.
    expect(one.lists[0]).toHaveLength(5);
    expect(all.lists[0]).toHaveLength(3);
  });
});
