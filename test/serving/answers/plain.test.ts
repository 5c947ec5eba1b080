import { describe, expect, test } from 'vitest';
import type { RecommendOptions } from '../../../src/domain/answers/recommend-options.ts';
import {
  isPlain,
  PLAIN_VALUES,
  type PlainValues,
  type RecommendOption,
} from '../../../src/serving/answers/plain.ts';

type Query = RecommendOptions & { impressions?: boolean };
const defaults: Query = {
  k: 10,
  includeSeen: false,
  diversity: 0,
  explain: false,
  strict: false,
  impressions: false,
};

describe('a request is plain', () => {
  test.each<Partial<RecommendOptions>>([{}, { k: 3 }, { model: 'movies' }, { strict: true }])(
    'with %j',
    (options) => expect(isPlain({ ...defaults, ...options })).toBe(true),
  );

  test.each<Partial<Query>>([
    { version: '2' },
    { task: 'buy' },
    { exclude: ['a'] },
    { category: ['Drama'] },
    { filter: 'year > 1990' },
    { includeSeen: true },
    { seenTypes: ['view'] },
    { diversity: 0.1 },
    { explain: true },
    { fields: ['title'] },
    { impressions: true },
    { maxImpressions: 2 },
    { rotationDays: 3 },
    { shown: ['a'] },
  ])('not with %j', (options) => expect(isPlain({ ...defaults, ...options })).toBe(false));
});

test('a new option does not compile before somebody decides what the quick answer does with it', () => {
  // @ts-expect-error: there is no line for it
  const undecided: PlainValues<RecommendOption | 'region'> = PLAIN_VALUES;
  const decided: PlainValues<RecommendOption | 'region'> = { ...PLAIN_VALUES, region: undefined };
  expect(Object.keys(undecided)).toHaveLength(Object.keys(decided).length - 1);
});
