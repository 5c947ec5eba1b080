import { createJudge } from '../../domain/data/meaning.ts';
import { type Installed, meaningNow, type Weighting } from '../../domain/data/weighting.ts';
import type { HistoryRow } from '../../store/data/contract.ts';

/** A history in what the version may know and what came since its training. */
export interface SplitHistory {
  /** Newest first. */
  known: HistoryRow[];
  /** Items that the user likes and that the version has not learned from for this user. */
  fresh: string[];
}

/**
 * Splits a history. Of somebody who came after the training the older half of the items is what the version may know, as it would
 * when it is asked.
 * @param history newest first
 * @param isNew whether the version has not learned from the pair of this user and the item
 * @returns null where there is nothing new, or nothing before it
 */
export function splitHistory(
  history: readonly HistoryRow[],
  { weighting, installed }: { weighting: Weighting; installed: Installed },
  isNew: (itemId: string, firstSeen: number | null) => boolean,
): SplitHistory | null {
  const liked = likedItems(history, weighting, installed);
  const all = [...liked].filter(([itemId, firstSeen]) => isNew(itemId, firstSeen)).map(([itemId]) => itemId);
  // Oldest first, as they stand in `liked`.
  const hasKnown = all.length < liked.size;
  const fresh = hasKnown ? all : all.slice(Math.ceil(all.length / 2));
  if (fresh.length === 0) return null;
  const later = new Set(fresh);
  return { known: history.filter(({ itemId }) => !later.has(itemId)), fresh };
}

/** Liked items with the time of their first row, the oldest first. */
function likedItems(
  history: readonly HistoryRow[],
  weighting: Weighting,
  installed: Installed,
): Map<string, number | null> {
  const rowsOf = new Map<string, HistoryRow[]>();
  for (const row of history.toReversed()) {
    const rows = rowsOf.get(row.itemId);
    if (rows) rows.push(row);
    else rowsOf.set(row.itemId, [row]);
  }
  const judge = createJudge();
  const liked = new Map<string, number | null>();
  for (const [itemId, rows] of rowsOf) {
    judge.begin();
    for (const { type, value, timestamp } of rows) {
      judge.hear({ meaning: meaningNow(weighting, type, installed), value, timestamp });
    }
    if (judge.judgement().word === 'liked') liked.set(itemId, rows[0]!.timestamp);
  }
  return liked;
}
