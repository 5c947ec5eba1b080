import { describe, expect, it } from 'vitest';
import {
  completeEvent,
  declarationProblem,
  type EventDeclaration,
  valueProblem,
} from '../../../src/domain/data/event-type.ts';
import { judge } from '../../../src/domain/data/meaning.ts';

type Row = [type: string, value?: number | null, timestamp?: number | null];

/** Judges rows, oldest first, with declarations in place of the usual ones. */
function of(rows: Row[], declared: Record<string, EventDeclaration> = {}) {
  return judge(
    rows.map(([type, value = null, timestamp = null]) => ({
      meaning: completeEvent(type, declared[type]),
      value,
      timestamp,
    })),
  );
}

describe('usual names', () => {
  it.each<[Row[], string, number]>([
    [[['click']], 'liked', 1],
    [[['dislike']], 'disliked', 1],
    [[['like'], ['unlike']], 'neither', 0],
    [[['like'], ['dislike'], ['like']], 'liked', 1],
    [
      [
        ['rating', 5],
        ['rating', 1],
      ],
      'disliked',
      1,
    ],
    [
      [
        ['rating', 1],
        ['rating', 5],
      ],
      'liked',
      1,
    ],
    [
      [
        ['rating', 5],
        ['rating', 3],
      ],
      'neither',
      0,
    ],
    [[['rating', 5], ['dislike']], 'disliked', 1],
    [[['click'], ['dislike']], 'disliked', 1],
    // Looking at it again does not take the dislike back.
    [[['dislike'], ['click']], 'disliked', 1],
    [[['purchase'], ['refund']], 'neither', 0],
    [[['purchase'], ['refund'], ['purchase']], 'liked', 1],
    [[['purchase'], ['purchase', -1]], 'neither', 0],
    [
      [
        ['purchase', 3],
        ['return', 2],
      ],
      'liked',
      1,
    ],
    [[['purchase', 10], ['return']], 'neither', 0],
    [[['click'], ['purchase'], ['refund']], 'liked', 1],
    [[['Add-To-Cart'], ['remove_from_cart']], 'neither', 0],
    [[['skip']], 'neither', 0],
    [[['impression']], 'neither', 0],
  ])('%j come to %s', (rows, word, weight) => {
    const found = of(rows);
    expect(found).toMatchObject({ word });
    expect(found.weight).toBeCloseTo(weight);
  });

  it('counts ten bought as more than one', () => {
    expect(of([['purchase', 10]]).weight).toBeCloseTo(Math.log2(11));
    expect(of([['purchase', 1]]).weight).toBe(1);
    expect(
      of([
        ['purchase', 4],
        ['purchase', 6],
      ]).weight,
    ).toBeCloseTo(Math.log2(11));
  });

  it('hides what was seen, and not what was only shown', () => {
    expect([of([['click']]).seen, of([['hide']]).seen, of([['rating', 3]]).seen]).toEqual([true, true, true]);
    expect([of([['impression']]).seen, of([['skip']]).seen, of([['never-heard-of']]).seen]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('does not take an unknown type for liking', () => {
    expect(of([['frobnicate', 7]])).toEqual({ word: 'neither', weight: 0, seen: false });
  });
});

describe('declarations', () => {
  it('make a type count, by its value', () => {
    const declared = { play: { meaning: 'positive', weight: 2, value: { as: 'linear' } } } as const;
    expect(of([['play', 3]], declared).weight).toBe(6);
    expect(of([['play']], declared).weight).toBe(2);
    expect(of([['play', -1]], declared).word).toBe('neither');
  });

  it.each([
    ['newest', 2],
    ['greatest', 5],
    ['sum', 7],
    ['count', 2],
  ] as const)('count a repeated type by its %s', (repeats, weight) => {
    const play: EventDeclaration = { meaning: 'positive', value: { as: 'linear' }, repeats };
    expect(
      of(
        [
          ['play', 5],
          ['play', 2],
        ],
        { play },
      ).weight,
    ).toBe(weight);
  });

  it('read a vote of -1 as disliking where they say so', () => {
    const vote: EventDeclaration = { meaning: 'positive', value: { as: 'linear', negative: 'dislikes' } };
    expect(of([['vote', -1]], { vote })).toEqual({ word: 'disliked', weight: 1, seen: true });
    expect(
      of(
        [
          ['vote', -1],
          ['vote', 1],
        ],
        { vote },
      ).word,
    ).toBe('liked');
  });

  it('know half stars, ten points and what was not rated', () => {
    const rating: EventDeclaration = { scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 3.5, unrated: -1 } };
    expect([3.5, 3, 0.5, -1].map((value) => of([['rating', value]], { rating }).word)).toEqual([
      'liked',
      'neither',
      'disliked',
      'neither',
    ]);
    const meaning = completeEvent('rating', rating);
    expect(
      [0.5, 4.5, -1, 4.2, 0, 5.5, null].map((value) => valueProblem('rating', meaning, value) === null),
    ).toEqual([true, true, true, false, false, false, false]);
    expect(valueProblem('rating', meaning, 9)).toBe(
      'a number from 0.5 to 5 in steps of 0.5, or -1 for not rated, when type is rating',
    );
  });

  it('let ratings be counted by the greatest', () => {
    expect(
      of(
        [
          ['rating', 5],
          ['rating', 1],
        ],
        { rating: { repeats: 'greatest' } },
      ).word,
    ).toBe('liked');
  });

  it('fade with age, the older the less', () => {
    const rows = [{ meaning: completeEvent('click'), value: null, timestamp: 0 }];
    expect(judge(rows, { halfLifeDays: 1, now: 86_400_000 }).weight).toBe(0.5);
  });

  it.each<[string, EventDeclaration, string | null]>([
    ['wave', {}, 'meaning is missing'],
    ['wave', { meaning: 'negative', seen: false }, 'seen must not be false'],
    ['wave', { meaning: 'positive', value: { as: 'threshold' } }, 'scale.likedFrom is missing'],
    ['wave', { meaning: 'negative', value: { as: 'threshold', from: 1 } }, 'meaning must be positive'],
    [
      'wave',
      { meaning: 'positive', value: { as: 'none', negative: 'dislikes' } },
      'value.negative goes with',
    ],
    ['rating', { scale: { min: 5, max: 1 } }, 'scale.max must be greater'],
    ['rating', { scale: { min: 0, max: 10, likedFrom: 11 } }, 'scale.likedFrom must be from 0 to 10'],
    ['rating', { scale: { min: 0, max: 10, likedFrom: 7, unrated: 3 } }, 'scale.unrated must be a value'],
    ['rating', { scale: { min: 0, max: 10, likedFrom: 7 } }, null],
    ['skip', { meaning: 'negative' }, null],
  ])('%s %j: %s', (type, declared, sentence) => {
    const found = declarationProblem(type, declared);
    if (sentence === null) expect(found).toBeNull();
    else expect(found).toContain(sentence);
  });
});
