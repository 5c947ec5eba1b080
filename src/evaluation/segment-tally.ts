import type { Csr } from '../dataset/matrix.ts';
import { ndcgAt, type RecallDenominator, recallAt } from './metrics.ts';
import type { Ranked } from './ranks.ts';
import { HISTORY_CLASSES, historyClass, ITEM_CLASSES, itemClasses } from './segments.ts';

/** Ages of items: old ones were known to an earlier version. */
const AGES = ['old', 'new'] as const;

interface ItemRow {
  users: number;
  hits: number;
  total: number;
}

export interface SegmentRow {
  segment: string;
  count: number;
  metrics: Record<string, number>;
}

/** Counts one ranker's metrics at k by popularity of the held-out items and by length of the history. */
export function createSegmentTally(
  data: { histories: Csr; popularity: Float32Array; newItems?: Uint8Array },
  k: number,
  denominator: RecallDenominator,
) {
  const classes = itemClasses(data.popularity);
  const itemRows = ITEM_CLASSES.map(() => ({ users: 0, hits: 0, total: 0 }));
  const ageRows = AGES.map(() => ({ users: 0, hits: 0, total: 0 }));
  const historyRows = HISTORY_CLASSES.map(() => ({ users: 0, recall: 0, ndcg: 0 }));
  const { newItems } = data;

  /** The held-out items of one user, each in the row of its class. */
  function count(rows: ItemRow[], classOf: (item: number) => number, ranked: Ranked): void {
    let counted = 0;
    for (const [i, item] of ranked.items.entries()) {
      const kind = classOf(item);
      const row = rows[kind]!;
      if ((counted & (1 << kind)) === 0) row.users++;
      counted |= 1 << kind;
      row.total++;
      if (ranked.ranks[i]! < k) row.hits++;
    }
  }

  const itemSegments = (rows: ItemRow[], names: readonly string[]) =>
    rows.map((row, i) => ({
      segment: `items:${names[i]}`,
      count: row.users,
      metrics: { [`recall@${k}`]: row.total === 0 ? 0 : row.hits / row.total },
    }));

  return {
    add(user: number, ranked: Ranked) {
      count(itemRows, (item) => classes[item]!, ranked);
      if (newItems) count(ageRows, (item) => newItems[item]!, ranked);
      const row = historyRows[historyClass(data.histories, user)]!;
      row.users++;
      row.recall += recallAt(ranked.ranks, k, denominator);
      row.ndcg += ndcgAt(ranked.ranks, k);
    },
    rows(): SegmentRow[] {
      const items = [...itemSegments(itemRows, ITEM_CLASSES), ...itemSegments(ageRows, AGES)];
      const histories = historyRows.map((row, i) => ({
        segment: `history:${HISTORY_CLASSES[i]!.name}`,
        count: row.users,
        metrics: { [`recall@${k}`]: row.recall / row.users, [`ndcg@${k}`]: row.ndcg / row.users },
      }));
      return [...items, ...histories].filter((row) => row.count > 0);
    },
  };
}
