import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { rankRelevant, UNRANKED } from '../../src/evaluation/ranks.ts';
import { topList } from '../../src/evaluation/top-list.ts';

const MASKED = Number.NEGATIVE_INFINITY;
const ranksOf = (scores: number[], relevant: number[]) => [
  ...rankRelevant(Float32Array.from(scores), Int32Array.from(relevant)).ranks,
];

/** Sorts the whole catalogue; of equal scores the relevant items come last. */
function naiveRanks(scores: Float32Array, relevant: Int32Array): number[] {
  const wanted = new Set(relevant);
  const order = Array.from(scores.keys()).filter((item) => scores[item] !== MASKED);
  order.sort((a, b) => scores[b]! - scores[a]! || Number(wanted.has(a)) - Number(wanted.has(b)));
  return order.flatMap((item, rank) => (wanted.has(item) ? [rank] : []));
}

describe('ranks of held-out items', () => {
  it('count the items that score more', () => {
    expect(ranksOf([0.1, 0.9, 0.5, 0.7], [2])).toEqual([2]);
    expect(ranksOf([0.1, 0.9, 0.5, 0.7], [0, 1])).toEqual([0, 3]);
  });

  it('name the items best first', () => {
    const { items } = rankRelevant(Float32Array.of(0.1, 0.9, 0.5, 0.5), Int32Array.of(0, 3, 1, 2));
    expect([...items]).toEqual([1, 2, 3, 0]);
  });

  it('put ties against us: a model that scores everything the same is last', () => {
    expect(ranksOf([5, 5, 5, 5, 5], [0, 1])).toEqual([3, 4]);
    expect(ranksOf([7, 5, 5, 5, 1], [1])).toEqual([3]);
    expect(ranksOf([7, 5, 5, 5, 1], [2, 4, 1])).toEqual([2, 3, 4]);
  });

  it('leave masked items out', () => {
    expect(ranksOf([MASKED, 5, MASKED, 4], [3])).toEqual([1]);
    expect(ranksOf([MASKED, 5, 5, MASKED], [2])).toEqual([1]);
  });

  it('are those of a sorted list, on many random catalogues full of ties', () => {
    const rng = createRng(1);
    for (let round = 0; round < 400; round++) {
      const size = 1 + rng.int(40);
      const levels = 1 + rng.int(6);
      const scores = Float32Array.from({ length: size }, () => rng.int(levels) - 2);
      const order = rng.shuffle(Int32Array.from({ length: size }, (_, i) => i));
      const relevant = order.slice(0, 1 + rng.int(size)).sort();
      for (const item of order.subarray(relevant.length)) if (rng.int(4) === 0) scores[item] = MASKED;
      expect([...rankRelevant(scores, relevant).ranks]).toEqual(naiveRanks(scores, relevant));
    }
  });
});

describe('ranks above a floor', () => {
  it('are exact as far as the list goes whose last score is the floor, and end there', () => {
    const rng = createRng(3);
    for (let round = 0; round < 400; round++) {
      const size = 2 + rng.int(40);
      const scores = Float32Array.from({ length: size }, () => rng.int(8) - 4);
      const relevant = rng
        .shuffle(Int32Array.from({ length: size }, (_, i) => i))
        .slice(0, 1 + rng.int(size));
      const list = topList(scores, 1 + rng.int(size));
      const floor = scores[list.at(-1)!]!;
      const exact = rankRelevant(scores, relevant.sort());
      const { items, ranks } = rankRelevant(scores, relevant, floor);
      expect(items).toEqual(exact.items);
      expect([...ranks]).toEqual(
        [...exact.ranks].map((rank, i) => (scores[items[i]!]! < floor ? UNRANKED : rank)),
      );
      expect(exact.ranks.filter((rank, i) => ranks[i] === UNRANKED && rank < list.length)).toHaveLength(0);
    }
  });
});

describe('a top list', () => {
  it('is best first, equal scores in row order', () => {
    expect([...topList(Float32Array.of(1, 3, 2, 3, 0), 3)]).toEqual([1, 3, 2]);
    expect([...topList(Float32Array.of(2, 2, 2, 2), 2)]).toEqual([0, 1]);
  });

  it('is shorter than k when less is left', () => {
    expect([...topList(Float32Array.of(MASKED, 1, MASKED), 3)]).toEqual([1]);
    expect([...topList(Float32Array.of(MASKED), 2)]).toEqual([]);
    expect([...topList(Float32Array.of(1, 2), 0)]).toEqual([]);
  });

  it('is the head of the sorted catalogue', () => {
    const rng = createRng(2);
    for (let round = 0; round < 100; round++) {
      const scores = Float32Array.from({ length: 50 }, () => rng.int(12));
      const sorted = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
      const k = rng.int(50);
      expect([...topList(scores, k)]).toEqual(sorted.slice(0, k));
    }
  });
});
