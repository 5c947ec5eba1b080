/** What a recommendation needs of a user's history, for one model. The arrays are views that the next call overwrites. */
export interface FoldedUser {
  /** Float32 [d], what the kernel scans with. */
  vector: Float32Array;
  /** Rows the user has had to do with; may repeat. */
  seen: Int32Array;
}

export interface UserCache {
  get(userId: string, now: number): FoldedUser | null;
  /** Before the history is read: what changes from here on keeps the answer out of the cache. */
  expect(userId: string): object;
  put(userId: string, expected: object, user: FoldedUser, now: number): void;
  forget(userIds: readonly string[] | null): void;
  /** Some of those that were put in last, the last one first. */
  recent(limit: number): string[];
  size(): number;
  bytes(): number;
}

const SEGMENT_WORDS = 1 << 18;
const HEADER = 2;

/**
 * Users' folded histories, packed into a few large segments, so that a hundred thousand of them cost neither the
 * garbage collector nor a search. When all segments are full the oldest one is emptied as a whole.
 * @param maxBytes rounded down to whole segments of 1 MiB, one at least
 * @param width of the vectors
 * @param freshMs entries older than twice that are not answered any more
 */
export function createUserCache(
  maxBytes: number,
  width: number,
  freshMs = Number.POSITIVE_INFINITY,
): UserCache {
  const limit = Math.max(1, Math.floor(maxBytes / (SEGMENT_WORDS * 4)));
  const segments: { words: Int32Array; floats: Float32Array; users: string[]; used: number }[] = [];
  /** user -> segment * SEGMENT_WORDS + offset */
  const places = new Map<string, number>();
  const expected = new Map<string, object>();
  let current = 0;
  const found: FoldedUser = { vector: new Float32Array(width), seen: new Int32Array(0) };

  /** Answers the place of so many words, or null when they fit nowhere. */
  function allocate(length: number): number | null {
    if (length > SEGMENT_WORDS) return null;
    const segment = segments[current];
    if (segment && segment.used + length <= SEGMENT_WORDS) return current * SEGMENT_WORDS + segment.used;
    current = segments.length < limit ? segments.length : (current + 1) % limit;
    if (current === segments.length) {
      const words = new Int32Array(SEGMENT_WORDS);
      segments.push({ words, floats: new Float32Array(words.buffer), users: [], used: 0 });
    } else {
      empty(current);
    }
    return current * SEGMENT_WORDS;
  }

  function empty(index: number): void {
    const segment = segments[index]!;
    for (const userId of segment.users) {
      const place = places.get(userId);
      if (place !== undefined && Math.floor(place / SEGMENT_WORDS) === index) places.delete(userId);
    }
    segment.users = [];
    segment.used = 0;
  }

  return {
    get(userId, now) {
      const place = places.get(userId);
      if (place === undefined) return null;
      const { words, floats } = segments[Math.floor(place / SEGMENT_WORDS)]!;
      const at = place % SEGMENT_WORDS;
      if (Math.abs(Math.floor(now / freshMs) - words[at + 1]!) > 1) return null;
      const vectorAt = at + HEADER;
      found.vector = floats.subarray(vectorAt, vectorAt + width);
      found.seen = words.subarray(vectorAt + width, vectorAt + width + words[at]!);
      return found;
    },

    expect(userId) {
      const token = {};
      expected.set(userId, token);
      return token;
    },

    put(userId, token, { vector, seen }, now) {
      if (expected.get(userId) !== token) return;
      expected.delete(userId);
      const length = HEADER + width + seen.length;
      const place = allocate(length);
      if (place === null) return;
      const index = Math.floor(place / SEGMENT_WORDS);
      const segment = segments[index]!;
      const at = place % SEGMENT_WORDS;
      segment.words[at] = seen.length;
      segment.words[at + 1] = Math.floor(now / freshMs);
      segment.floats.set(vector, at + HEADER);
      segment.words.set(seen, at + HEADER + width);
      segment.used += length;
      segment.users.push(userId);
      places.set(userId, place);
    },

    forget(userIds) {
      if (userIds === null) {
        places.clear();
        expected.clear();
        segments.length = 0;
        current = 0;
        return;
      }
      for (const userId of userIds) {
        places.delete(userId);
        expected.delete(userId);
      }
    },

    recent(limit) {
      const users: string[] = [];
      for (let back = 0; back < segments.length && users.length < limit; back++) {
        const segment = segments[(current - back + segments.length) % segments.length]!;
        for (let i = segment.users.length - 1; i >= 0 && users.length < limit; i--)
          users.push(segment.users[i]!);
      }
      return [...new Set(users)];
    },

    size: () => places.size,
    bytes: () => segments.length * SEGMENT_WORDS * 4,
  };
}
