import type { RecommendOptions } from '../../domain/answers/recommend-options.ts';
import type { Subject } from './request.ts';

/** All that the next page of a list needs to know of the pages before. */
export interface Continuation {
  subject: Subject;
  options: RecommendOptions;
  /** Items of all pages so far. */
  shown: readonly string[];
  /** True where what is shown is recorded. */
  impressions: boolean;
}

/** A list can be continued for so long after a page of it. */
export const CONTINUED_MS = 15 * 60_000;
/** Each process remembers so much of it. */
export const CONTINUED_BYTES = 32 << 20;
