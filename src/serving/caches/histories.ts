import type { HistoryRow, InteractionStore } from '../../store/data/contract.ts';
import type { Changes } from './changes.ts';
import { type KeptHistory, MAX_SEEN } from './history.ts';
import { createPackedCache, type PackedEntry } from './packed-cache.ts';

export interface Histories {
  /** The newest MAX_SEEN interactions, the newest first; at once where they are at hand. */
  of(userId: string): readonly HistoryRow[] | Promise<readonly HistoryRow[]>;
  /** The same where they are at hand, without making an object of each. */
  kept(userId: string): KeptHistory | null;
}

const CACHE_BYTES = 64 << 20;
/** Distinct ids of items and names of types that are numbered before everything is forgotten. */
const MOST_TEXTS = 2_000_000;
const HEADER = 3;
const TYPES_DIFFER = -1;

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
  const codec = createCodec();
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

function wordsOfRow(isOneType: boolean, hasValues: boolean): number {
  return 3 + (isOneType ? 0 : 1) + (hasValues ? 2 : 0);
}

/**
 * Rows as words: their count, the type where all have the same, whether there is any value; then per row the item, the
 * two halves of the time, the type where they differ, the two halves of the value where there is any. Texts are
 * numbered, as each occurs in many histories.
 */
function createCodec() {
  const numbers = new Map<string, number>();
  let texts: string[] = [];
  const found = {
    items: new Int32Array(MAX_SEEN),
    types: new Int32Array(MAX_SEEN),
    values: new Float64Array(MAX_SEEN),
    timestamps: new Float64Array(MAX_SEEN),
  };
  const number = new Float64Array(1);
  const halves = new Int32Array(number.buffer);

  function numberOf(text: string): number {
    let at = numbers.get(text);
    if (at === undefined) {
      at = texts.push(text) - 1;
      numbers.set(text, at);
    }
    return at;
  }

  const shapeOf = (rows: readonly HistoryRow[]) => {
    const { type } = rows[0]!;
    const isOneType = rows.every((row) => row.type === type);
    const hasValues = rows.some(({ value }) => value !== null);
    return { isOneType, hasValues, rowWords: wordsOfRow(isOneType, hasValues) };
  };

  /** Null as NaN, which no column holds. */
  function writeNumber(words: Int32Array, at: number, value: number | null): void {
    number[0] = value ?? Number.NaN;
    words[at] = halves[0]!;
    words[at + 1] = halves[1]!;
  }

  function readNumber(words: Int32Array, at: number): number {
    halves[0] = words[at]!;
    halves[1] = words[at + 1]!;
    return number[0]!;
  }

  return {
    lengthOf: (rows: readonly HistoryRow[]) => HEADER + rows.length * shapeOf(rows).rowWords,

    write(rows: readonly HistoryRow[], { words, at }: PackedEntry): void {
      const { isOneType, hasValues, rowWords } = shapeOf(rows);
      words[at] = rows.length;
      words[at + 1] = isOneType ? numberOf(rows[0]!.type) : TYPES_DIFFER;
      words[at + 2] = hasValues ? 1 : 0;
      let next = at + HEADER;
      for (const { itemId, type, value, timestamp } of rows) {
        words[next] = numberOf(itemId);
        writeNumber(words, next + 1, timestamp);
        if (!isOneType) words[next + 3] = numberOf(type);
        if (hasValues) writeNumber(words, next + rowWords - 2, value);
        next += rowWords;
      }
    },

    read({ words, at }: PackedEntry): KeptHistory {
      const length = words[at]!;
      const typeOfAll = words[at + 1]!;
      const isOneType = typeOfAll !== TYPES_DIFFER;
      const hasValues = words[at + 2] === 1;
      const rowWords = wordsOfRow(isOneType, hasValues);
      const { items, types, values, timestamps } = found;
      let next = at + HEADER;
      for (let i = 0; i < length; i++) {
        items[i] = words[next]!;
        types[i] = isOneType ? typeOfAll : words[next + 3]!;
        values[i] = hasValues ? readNumber(words, next + rowWords - 2) : Number.NaN;
        timestamps[i] = readNumber(words, next + 1);
        next += rowWords;
      }
      return { ...found, length, texts };
    },

    texts: () => texts.length,
    forget(): void {
      numbers.clear();
      texts = [];
    },
  };
}
