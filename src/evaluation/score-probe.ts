import type { Rng } from '../core/rng.ts';
import { type Csr, filterEntries, rowItems, rowLength, selectRows } from '../dataset/matrix.ts';
import { positionsInOrder } from '../dataset/split/places.ts';
import { logSumExp } from './softmax.ts';

/** Numbers that a probe may cost: rows times items. */
const MOST_SCORES = 1 << 22;
const MOST_ROWS = 256;

/** Histories of which one item each was taken out, to see what a model says of it. */
export interface ScoreProbe {
  /** [rows, items] */
  histories: Csr;
  /** [rows] the item that was taken out; -1 for a history of one item, which is left whole. */
  wanted: Int32Array;
}

/** Takes out the newest item of each of the first histories where there is an order, and any item elsewhere. */
export function probeOf(histories: Csr, rng: Rng): ScoreProbe {
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_SCORES / histories.columns)));
  const rows: number[] = [];
  for (let row = 0; row < histories.rows && rows.length < most; row++)
    if (rowLength(histories, row) > 0) rows.push(row);
  const some = selectRows(histories, rows);
  const hidden = Int32Array.from(rows, (_, r) => {
    const length = rowLength(some, r);
    if (length < 2) return -1;
    return some.order ? positionsInOrder(some, r).at(-1)! : some.indptr[r]! + rng.int(length);
  });
  const isHidden = new Set(hidden);
  return {
    histories: filterEntries(some, (p) => !isHidden.has(p)),
    wanted: hidden.map((p) => (p < 0 ? -1 : some.indices[p]!)),
  };
}

/**
 * Mean cross-entropy of the items that were taken out, in nats, under the softmax over all items outside the history; log N is
 * that of a guess. Infinite where a score is no finite number, 0 where no item was taken out.
 * @param scores [rows, items] row-major
 * @param scale by which the scores are multiplied before
 */
export function probeLoss(scores: Float32Array, { histories, wanted }: ScoreProbe, scale = 1): number {
  if (!areFinite(scores)) return Number.POSITIVE_INFINITY;
  const items = histories.columns;
  let [sum, count] = [0, 0];
  for (let r = 0; r < histories.rows; r++) {
    if (wanted[r]! < 0) continue;
    const own = scores.slice(r * items, (r + 1) * items);
    for (const item of rowItems(histories, r)) own[item] = Number.NEGATIVE_INFINITY;
    sum += logSumExp(own, undefined, scale) - scale * own[wanted[r]!]!;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

function areFinite(scores: Float32Array): boolean {
  for (let i = 0; i < scores.length; i++) if (!Number.isFinite(scores[i]!)) return false;
  return true;
}
