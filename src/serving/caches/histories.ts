import type { EventMeaning } from '../../domain/data/event-meaning.ts';
import { type Installed, usuallyMeant, type Weighting } from '../../domain/data/weighting.ts';
import type { HistoryRow, InteractionStore } from '../../store/data/contract.ts';
import type { Changes } from './changes.ts';
import { type KeptHistory, MOST_ROWS } from './history.ts';
import { createHistoryCodec } from './history-codec.ts';
import { createPackedCache, type PackedCache } from './packed-cache.ts';

export interface Histories {
  /**
   * The newest MOST_ROWS interactions, the newest first; at once where they are at hand. Of a long history those are left out
   * of which nothing new follows.
   */
  of(userId: string): readonly HistoryRow[] | Promise<readonly HistoryRow[]>;
  /** The interactions where they are at hand, without making an object of each. */
  kept(userId: string): KeptHistory | null;
  lookups(): ReturnType<PackedCache['lookups']>;
  /** Keeps the repeats of types that a version adds up by a declaration of its own, from before its first answer on. */
  heed(weighting: Pick<Weighting, 'events'>): void;
}

/** Nearly all histories are shorter: they come in one cheap read. */
const FIRST_ROWS = 2000;
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
  installed: () => Installed = () => usuallyMeant,
): Histories {
  const cache = createPackedCache(CACHE_BYTES);
  const codec = createHistoryCodec();
  changes?.subscribe({ users: cache.forget });
  /** Types whose repeats some version adds up. It keeps what was loaded once: a type too many costs a little memory. */
  const addedUp = new Set<string>();
  const isCounted = (known: Installed) => (type: string) => addedUp.has(type) || addsUp(known(type));

  async function newest(userId: string): Promise<readonly HistoryRow[]> {
    const first = await store.history(userId, FIRST_ROWS);
    if (first.length < FIRST_ROWS) return first;
    return withoutRepeats(await store.history(userId, MOST_ROWS), isCounted(installed()));
  }

  async function read(userId: string): Promise<readonly HistoryRow[]> {
    const expected = cache.expect(userId);
    const rows = await newest(userId);
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
    lookups: cache.lookups,
    heed({ events = {} }) {
      const types = Object.keys(events).filter((type) => addsUp(events[type]!) && !addedUp.has(type));
      if (types.length === 0) return;
      for (const type of types) addedUp.add(type);
      // What is kept may have lost some already.
      cache.forget(null);
    },
    of(userId) {
      if (!changes?.areHeard()) return newest(userId);
      const history = kept(userId);
      return history ? toRows(history) : read(userId);
    },
  };
}

/** True if repeats of a type count one by one: those that are no liking may take back one of several, and impressions are counted. */
function addsUp(meant: EventMeaning | null): boolean {
  const { repeats, meaning } = meant ?? {};
  return repeats === 'sum' || repeats === 'count' || meaning === 'neutral' || meaning === 'ignored';
}

/**
 * Leaves out a row where a newer one has the same item, type and value: the newest word counts, and weighs at least as much. One
 * without a time never ages and is told apart, since it may weigh more than a newer one with a time.
 */
function withoutRepeats(rows: readonly HistoryRow[], counts: (type: string) => boolean): HistoryRow[] {
  const had = new Set<string>();
  return rows.filter(({ itemId, type, value, timestamp }) => {
    if (counts(type)) return true;
    // The length keeps apart types and ids with spaces in them.
    const key = `${value} ${timestamp === null} ${type.length} ${type} ${itemId}`;
    if (had.has(key)) return false;
    had.add(key);
    return true;
  });
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
