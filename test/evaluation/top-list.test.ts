import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { topList } from '../../src/evaluation/top-list.ts';

const MASKED = Number.NEGATIVE_INFINITY;

describe('the first k', () => {
  it('are the best, equal ones in row order', () => {
    expect([...topList(Float32Array.of(1, 5, 3, 5, 4), 3)]).toEqual([1, 3, 4]);
    expect([...topList(Float32Array.of(2, 2, 2, 2), 2)]).toEqual([0, 1]);
  });

  it('leave masked items out, also where they are fewer than k', () => {
    expect([...topList(Float32Array.of(MASKED, 1, MASKED, 2), 4)]).toEqual([3, 1]);
    expect([...topList(Float32Array.of(MASKED, MASKED), 1)]).toEqual([]);
    expect([...topList(Float32Array.of(1, 2), 0)]).toEqual([]);
  });

  it('are those of a full sort, with many ties', () => {
    const rng = createRng(1);
    for (let round = 0; round < 50; round++) {
      const scores = Float32Array.from({ length: 200 }, () => rng.int(40) - 20);
      const sorted = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
      expect([...topList(scores, 17)]).toEqual(sorted.slice(0, 17));
    }
  });
});
