import type { ScoreLists } from '../../artifact/score-lists.ts';
import { problem } from '../../core/errors.ts';
import type { Score } from '../../ingest/rows.ts';

/** 12 bytes each while they are collected, and the worker has other things to do with its memory. */
const MAX_SCORES = 50_000_000;

/** Scores as they come, in any order, in columns; ids are kept once. */
export interface ScoreCollector {
  /** @throws problem('invalid-rows') beyond MAX_SCORES */
  add(score: Score): void;
  count(): number;
  /** Sorted, a pair that came again with its last score. The same pairs give the same lists. */
  lists(): ScoreLists;
}

export function createScoreCollector(): ScoreCollector {
  const users = createIds();
  const items = createIds();
  let userOf = new Int32Array(1 << 12);
  let itemOf = new Int32Array(1 << 12);
  let scores = new Float32Array(1 << 12);
  let count = 0;
  return {
    add({ userId, itemId, score }) {
      if (count === MAX_SCORES) {
        throw problem(
          'invalid-rows',
          `There are more than ${MAX_SCORES} scores; keep the best 100 or so of each user`,
        );
      }
      if (count === scores.length) {
        userOf = doubled(userOf, new Int32Array(2 * count));
        itemOf = doubled(itemOf, new Int32Array(2 * count));
        scores = doubled(scores, new Float32Array(2 * count));
      }
      userOf[count] = users.of(userId);
      itemOf[count] = items.of(itemId);
      scores[count++] = score;
    },
    count: () => count,
    lists: () => sorted({ users: users.sorted(), items: items.sorted(), userOf, itemOf, scores, count }),
  };
}

interface Columns {
  users: SortedIds;
  items: SortedIds;
  userOf: Int32Array;
  itemOf: Int32Array;
  scores: Float32Array;
  count: number;
}

/** Counting sort by user, then each user's scores by item. */
function sorted({ users, items, userOf, itemOf, scores, count }: Columns): ScoreLists {
  const rows = users.ids.length;
  const start = new Int32Array(rows + 1);
  for (let i = 0; i < count; i++) start[users.rank[userOf[i]!]! + 1]!++;
  for (let u = 0; u < rows; u++) start[u + 1]! += start[u]!;
  const order = new Int32Array(count);
  const next = start.slice();
  for (let i = 0; i < count; i++) order[next[users.rank[userOf[i]!]!]!++] = i;
  const indptr = new Int32Array(rows + 1);
  const indices = new Int32Array(count);
  const values = new Float32Array(count);
  let n = 0;
  for (let u = 0; u < rows; u++) {
    const mine = order.subarray(start[u]!, start[u + 1]!);
    mine.sort((a, b) => items.rank[itemOf[a]!]! - items.rank[itemOf[b]!]! || a - b);
    for (const i of mine) {
      const item = items.rank[itemOf[i]!]!;
      if (n > indptr[u]! && indices[n - 1] === item) n--;
      indices[n] = item;
      values[n++] = scores[i]!;
    }
    indptr[u + 1] = n;
  }
  return {
    users: users.ids,
    items: items.ids,
    indptr,
    indices: indices.slice(0, n),
    scores: values.slice(0, n),
  };
}

interface SortedIds {
  ids: string[];
  /** Place of each id in `ids`, by the number it was given. */
  rank: Int32Array;
}

function createIds() {
  const numbers = new Map<string, number>();
  return {
    of(id: string): number {
      const known = numbers.get(id);
      if (known !== undefined) return known;
      numbers.set(id, numbers.size);
      return numbers.size - 1;
    },
    sorted(): SortedIds {
      const ids = [...numbers.keys()].sort((a, b) => (a < b ? -1 : 1));
      const rank = new Int32Array(ids.length);
      ids.forEach((id, place) => {
        rank[numbers.get(id)!] = place;
      });
      return { ids, rank };
    },
  };
}

function doubled<T extends Int32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
