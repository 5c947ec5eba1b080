import type { Recommendation } from '../domain/answers/recommendation.ts';

type Outcome = 'accepted' | 'duplicate' | 'rejected';

/** Counters that routes raise while they answer. */
export interface Counts {
  /** One answer of recommendations. */
  answer(answer: Pick<Recommendation, 'model' | 'source' | 'reasonCode'>): void;
  /** One answer to the plain question, all of whose items are of the student. */
  quick(model: { name: string; version: number }): void;
  /** Rows of interactions in a request or a stream. */
  rows(outcome: Outcome, count: number): void;
}

/** Lists that were answered, by why they are not k items of the student ('' where they are). */
export interface Answered {
  /** '' where no model answered. */
  model: string;
  version: string;
  source: string;
  reason: string;
  count: number;
}

/** For tests and for parts that are used alone. */
export const NO_COUNTS: Counts = { answer() {}, quick() {}, rows() {} };
