import type { HistoryRow, InteractionStore } from '../../store/data/contract.ts';
import type { Changes } from './changes.ts';
import { type KeptHistory, MAX_SEEN } from './history.ts';
import { createHistoryCodec } from './history-codec.ts';
import { createPackedCache } from './packed-cache.ts';

export interface Histories {
  /** The newest MAX_SEEN interactions, the newest first; at once where they are at hand. */
  of(userId: string): readonly HistoryRow[] | Promise<readonly HistoryRow[]>;
  /** The interactions where they are at hand, without making an object of each. */
  kept(userId: string): KeptHistory | null;
}

const CACHE_BYTES = 64 << 20;
/** Distinct ids of items and names of types that are numbered before everything is forgotten. */
const MOST_TEXTS = 2_000_000;

/**
 * Users' histories as the database has them, for all models and versions alike: a swap finds them warm. They are kept
 * only while every change is heard of.
 */
export function createHistories(
  store: Pick<InteractionStore, 'history'>,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
  mostTexts = MOST_TEXTS,
): Histories {
  const cache = createPackedCache(CACHE_BYTES);
  const codec = createHistoryCodec();
  changes?.subscribe({ users: cache.forget });

  async function read(userId: string): Promise<readonly HistoryRow[]> {
    const expected = cache.expect(userId);
    const rows = await store.history(userId, MAX_SEEN);
    // Nobody's history is not kept: made-up ids would push out those of real users.
    if (rows.length === 0) return rows;
    const entry = cache.put(userId, expected, codec.lengthOf(rows));
    if (entry) codec.write(rows, entry);
    if (codec.texts() > mostTexts) {
      cache.forget(null);
      codec.forget();
    }
    return rows;
  }

  function kept(userId: string): KeptHistory | null {
    const entry = changes?.areHeard() ? cache.get(userId) : null;
    return entry && codec.read(entry);
  }

  return {
    kept,
    of(userId) {
      if (!changes?.areHeard()) return store.history(userId, MAX_SEEN);
      const history = kept(userId);
      return history ? toRows(history) : read(userId);
    },
  };
}

function toRows({ length, items, types, values, timestamps, texts }: KeptHistory): HistoryRow[] {
  const orNull = (number: number) => (Number.isNaN(number) ? null : number);
  const rows: HistoryRow[] = new Array(length);
  for (let i = 0; i < length; i++) {
    rows[i] = {
      itemId: texts[items[i]!]!,
      type: texts[types[i]!]!,
      value: orNull(values[i]!),
      timestamp: orNull(timestamps[i]!),
    };
  }
  return rows;
}
