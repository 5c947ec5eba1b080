/** The place of a user's words. Overwritten by the next call. */
export interface PackedEntry {
  words: Int32Array;
  /** The memory of `words`, read as floats. */
  floats: Float32Array;
  at: number;
}

export interface PackedCache {
  get(userId: string): PackedEntry | null;
  /** Called before the database is read: what changes from here on keeps the answer out of the cache. */
  expect(userId: string): object;
  /** A place to write `length` words at; null when they fit nowhere or something has changed since `expected`. */
  put(userId: string, expected: object, length: number): PackedEntry | null;
  /** Null: everybody. */
  forget(userIds: readonly string[] | null): void;
  /** Some of those that were put in last, the last one first. */
  recent(limit: number): string[];
  size(): number;
  /** How often `get` found somebody, and how often nobody. */
  lookups(): { hits: number; misses: number };
  bytes(): number;
}

const SEGMENT_WORDS = 1 << 18;
const MOST_EXPECTED = 10_000;

/**
 * Something of each user, packed into a few large segments, so that a hundred thousand of them cost neither the garbage
 * collector nor a search. When all segments are full the oldest one is emptied as a whole.
 * @param maxBytes rounded down to whole segments of 1 MiB, one at least
 */
export function createPackedCache(maxBytes: number): PackedCache {
  const limit = Math.max(1, Math.floor(maxBytes / (SEGMENT_WORDS * 4)));
  /** user -> segment * SEGMENT_WORDS + offset */
  const places = new Map<string, number>();
  const expected = new Map<string, object>();
  let hits = 0;
  let misses = 0;
  const segments = createSegments(limit, (user, index) => {
    const place = places.get(user);
    if (place !== undefined && Math.floor(place / SEGMENT_WORDS) === index) places.delete(user);
  });

  return {
    get(userId) {
      const place = places.get(userId);
      if (place === undefined) {
        misses++;
        return null;
      }
      hits++;
      return segments.entryAt(place);
    },

    expect(userId) {
      // Reads that fail, or find nothing to keep, leave theirs behind.
      if (expected.size >= MOST_EXPECTED) expected.clear();
      const token = {};
      expected.set(userId, token);
      return token;
    },

    put(userId, token, length) {
      if (expected.get(userId) !== token) return null;
      expected.delete(userId);
      const place = segments.add(userId, length);
      if (place === null) return null;
      places.set(userId, place);
      return segments.entryAt(place);
    },

    forget(userIds) {
      if (userIds === null) {
        places.clear();
        expected.clear();
        segments.clear();
        return;
      }
      for (const userId of userIds) {
        places.delete(userId);
        expected.delete(userId);
      }
    },

    recent: segments.recent,
    size: () => places.size,
    lookups: () => ({ hits, misses }),
    bytes: segments.bytes,
  };
}

/** @param onEmptied called with each user of a segment that is about to be filled anew */
function createSegments(limit: number, onEmptied: (user: string, index: number) => void) {
  const segments: { words: Int32Array; floats: Float32Array; users: string[]; used: number }[] = [];
  const found: PackedEntry = { words: new Int32Array(0), floats: new Float32Array(0), at: 0 };
  let current = 0;

  /** Makes the next segment the current one. */
  function turn(): void {
    current = segments.length < limit ? segments.length : (current + 1) % limit;
    const full = segments[current];
    if (!full) {
      const words = new Int32Array(SEGMENT_WORDS);
      segments.push({ words, floats: new Float32Array(words.buffer), users: [], used: 0 });
      return;
    }
    for (const user of full.users) onEmptied(user, current);
    full.users = [];
    full.used = 0;
  }

  return {
    /** The place of so many words, or null when they fit nowhere. */
    add(user: string, length: number): number | null {
      if (length > SEGMENT_WORDS) return null;
      const last = segments[current];
      if (!last || last.used + length > SEGMENT_WORDS) turn();
      const segment = segments[current]!;
      const place = current * SEGMENT_WORDS + segment.used;
      segment.used += length;
      segment.users.push(user);
      return place;
    },

    entryAt(place: number): PackedEntry {
      const { words, floats } = segments[Math.floor(place / SEGMENT_WORDS)]!;
      found.words = words;
      found.floats = floats;
      found.at = place % SEGMENT_WORDS;
      return found;
    },

    recent(limit: number): string[] {
      const users: string[] = [];
      for (let back = 0; back < segments.length && users.length < limit; back++) {
        const segment = segments[(current - back + segments.length) % segments.length]!;
        for (let i = segment.users.length - 1; i >= 0 && users.length < limit; i--)
          users.push(segment.users[i]!);
      }
      return [...new Set(users)];
    },

    clear(): void {
      segments.length = 0;
      current = 0;
    },
    bytes: () => segments.length * SEGMENT_WORDS * 4,
  };
}
