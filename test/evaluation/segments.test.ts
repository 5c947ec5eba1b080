import { describe, expect, it } from 'vitest';
import { HISTORY_CLASSES, historyClass, itemClasses } from '../../src/evaluation/segments.ts';
import { csrOf } from '../helpers/data.ts';

describe('classes of items', () => {
  it('carry a third of the interactions each, the popular ones first', () => {
    // 30 interactions: one item with 10, two with 5, ten with 1.
    const popularity = Float32Array.of(1, 5, 10, 5, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    expect([...itemClasses(popularity)]).toEqual([2, 1, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
  });

  it('take an item for tail when it was never seen in training', () => {
    expect(itemClasses(Float32Array.of(6, 3, 3, 0))[3]).toBe(2);
  });
});

describe('classes of histories', () => {
  it('go by length', () => {
    const lengths = [0, 1, 5, 6, 20, 21, 50, 51, 200, 201];
    const histories = csrOf(lengths.map((n) => Array.from({ length: 201 }, (_, i) => Number(i < n))));
    const names = lengths.map((_, user) => HISTORY_CLASSES[historyClass(histories, user)]!.name);
    expect(names).toEqual(['0', '1-5', '1-5', '6-20', '6-20', '21-50', '21-50', '51-200', '51-200', '201+']);
  });
});
