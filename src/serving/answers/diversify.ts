import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import type { Sliced } from '../../core/slices.ts';
import { borrowDiversify, giveBackDiversify } from './diversify-kernel.ts';

export interface RankedRows {
  rows: number[];
  scores: number[];
}

/** The number of candidates that are looked at for k places. */
export function candidatesFor(k: number): number {
  return Math.min(1000, Math.max(4 * k, k + 50));
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): one place after the other goes to the candidate
 * with the greatest (1 - diversity) * relevance - diversity * (greatest cosine with those above it). Relevance is the
 * score, scaled so that the candidates reach from 0 to 1. Equal ones go by rank. Each pair is compared once.
 * @param candidates best first
 */
export function* diversify(
  candidates: RankedRows,
  items: QuantizedRows,
  k: number,
  diversity: number,
): Sliced<RankedRows> {
  const { rows, scores } = candidates;
  const lowest = scores.at(-1)!;
  const span = scores[0]! - lowest || 1;
  const worth = scores.map((score) => (1 - diversity) * ((score - lowest) / span));
  const places = Math.min(k, rows.length);
  const chosen: RankedRows = { rows: [], scores: [] };
  const memory = borrowDiversify();
  try {
    memory.fill(items, rows, worth);
    // Nothing is above the first place, so that relevance alone decides it.
    for (let best = 0; chosen.rows.length < places; best = memory.best(diversity)) {
      const candidate = memory.take(best);
      chosen.rows.push(rows[candidate]!);
      chosen.scores.push(scores[candidate]!);
      yield;
    }
    return chosen;
  } finally {
    giveBackDiversify(memory);
  }
}
