import { interactionWeight, type Weighting } from '../domain/weighting.ts';
import type { HistoryRow } from '../store/store.ts';
import type { RowIndex } from './row-index.ts';
import { MAX_HISTORY } from './user-vector.ts';

/** Seen items are left out among the newest so many interactions; far more than are folded into the vector. */
export const MAX_SEEN = 2000;

/** Views that the next call overwrites. */
export interface FoldedHistory {
  /** Distinct rows of items that count, the newest first. */
  rows: Int32Array;
  /** One per row: the greatest weight among the interactions with that item. */
  weights: Float32Array;
  /** Every row the user has had to do with, whether it counts or not; may repeat. */
  seen: Int32Array;
}

/** Items that the model does not know are ignored. */
export type HistoryFold = (
  history: readonly HistoryRow[],
  now: number,
  /** Only these types make an item seen. */
  seenTypes?: ReadonlySet<string>,
) => FoldedHistory;

/**
 * @param rowOf item id -> row, `items` rows in all
 * @param rated whether weights are the ratings themselves; of an item that was rated twice the newest counts
 */
export function createHistoryFold(rowOf: RowIndex, weighting: Weighting, rated = false): HistoryFold {
  const rows = new Int32Array(MAX_HISTORY);
  const weights = new Float32Array(MAX_HISTORY);
  const seen = new Int32Array(MAX_SEEN);
  // slot[row] is the row's place in `rows` in this call, if rows[slot] says so too; no clearing is needed.
  const slot = new Int32Array(rowOf.size);

  return (history, now, seenTypes) => {
    let length = 0;
    let seenLength = 0;
    const end = Math.min(history.length, MAX_SEEN);
    for (let i = 0; i < end; i++) {
      const { itemId, type, value, timestamp } = history[i];
      const row = rowOf.get(itemId);
      if (row === undefined) continue;
      if (seenTypes === undefined || seenTypes.has(type)) seen[seenLength++] = row;
      if (i >= MAX_HISTORY) continue;
      const weight = interactionWeight(weighting, type, value, timestamp, now);
      if (!(weight > 0) || (rated && value === null)) continue;
      const at = slot[row];
      if (at < length && rows[at] === row) {
        if (!rated) weights[at] = Math.max(weights[at], weight);
        continue;
      }
      slot[row] = length;
      rows[length] = row;
      weights[length++] = rated ? value! : weight;
    }
    return {
      rows: rows.subarray(0, length),
      weights: weights.subarray(0, length),
      seen: seen.subarray(0, seenLength),
    };
  };
}
