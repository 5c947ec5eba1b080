import { whenReady } from '../../core/when-ready.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { TopK } from '../../scoring/scan/top-heap.ts';
import type { LiveModel } from '../models/live-model.ts';
import type { RankedRows } from './diversify.ts';

export interface Boosts {
  boostedRows: Int32Array;
  amounts: Float32Array;
}

/**
 * The k best rows for a vector. With boosts: the boosted rows are scored one by one and merged with the scan of the
 * others, so that the answer is the same as that of a scan over all boosted scores.
 */
export function rankRows(
  model: LiveModel,
  vector: Float32Array,
  k: number,
  leftOut: readonly ArrayLike<number>[],
  mask: RowMask | undefined,
  boosts?: Boosts | null,
): RankedRows | Promise<RankedRows> {
  const boosted =
    boosts && boosts.boostedRows.length > 0 ? scoreBoosted(model, vector, leftOut, mask, boosts) : [];
  const scanned = boosts ? [...leftOut, boosts.boostedRows] : leftOut;
  return whenReady(model.findTop({ vector, k, leftOut: scanned, mask }), (top) => merge(top, boosted, k));
}

function merge(top: TopK, boosted: readonly { row: number; score: number }[], k: number): RankedRows {
  const rows = Array.from(top.rows.subarray(0, top.length));
  const scores = Array.from(top.scores.subarray(0, top.length));
  if (boosted.length === 0) return { rows, scores };
  const all = [...rows.map((row, i) => ({ row, score: scores[i]! })), ...boosted];
  all.sort((a, b) => b.score - a.score || a.row - b.row);
  all.length = Math.min(k, all.length);
  return { rows: all.map(({ row }) => row), scores: all.map(({ score }) => score) };
}

function scoreBoosted(
  model: LiveModel,
  vector: Float32Array,
  leftOut: readonly ArrayLike<number>[],
  mask: RowMask | undefined,
  { boostedRows, amounts }: Boosts,
): { row: number; score: number }[] {
  const out = new Set(leftOut.flatMap((rows) => Array.from(rows)));
  const scores = new Float32Array(boostedRows.length);
  model.scorer.kernel.scoresOf(vector, boostedRows, scores);
  const kept: { row: number; score: number }[] = [];
  boostedRows.forEach((row, i) => {
    if (out.has(row) || mask?.allowed[row] === 0) return;
    kept.push({ row, score: Math.fround(scores[i]! + amounts[i]!) });
  });
  return kept;
}
