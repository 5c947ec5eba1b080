import type { Static } from 'typebox';
import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { RecommendQuery } from '../../domain/answers/recommend-request.ts';

/** The quick answer does what the option says, or could not be another one with it. */
const HEEDED = Symbol('heeded');

/** Holds for every option the value with which a request is plain. */
export type PlainValues<Option extends PropertyKey> = Record<Option, typeof HEEDED | undefined | false | 0>;

export type RecommendOption = keyof RecommendOptions | keyof Static<typeof RecommendQuery>;

/** A new option does not compile before its line is here. */
export const PLAIN_VALUES: PlainValues<RecommendOption> = {
  k: HEEDED,
  model: HEEDED,
  // The quick answer is the student's alone, so there is nothing that strict could refuse.
  strict: HEEDED,
  // A quick answer has all k items, and nothing to fill up.
  fill: HEEDED,
  version: undefined,
  task: undefined,
  exclude: undefined,
  category: undefined,
  filter: undefined,
  includeSeen: false,
  seenTypes: undefined,
  diversity: 0,
  explain: false,
  fields: undefined,
  scores: undefined,
  maxImpressions: undefined,
  rotationDays: undefined,
  impressions: false,
  shown: undefined,
};

const CONDITIONS = (Object.keys(PLAIN_VALUES) as RecommendOption[])
  .filter((option) => PLAIN_VALUES[option] !== HEEDED)
  .map((option) => ({ option, value: PLAIN_VALUES[option] }));

/**
 * True for a request that says nothing beyond what the quick answer heeds.
 * @param query with the defaults that validation fills in
 */
export function isPlain(query: Partial<Record<RecommendOption, unknown>>): boolean {
  for (const { option, value } of CONDITIONS) if (query[option] !== value) return false;
  return true;
}
