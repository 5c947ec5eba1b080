import { createPackedCache, type PackedCache } from './packed-cache.ts';

/** A user's history folded for one model. The arrays are views that the next call overwrites. */
export interface FoldedUser {
  /** Float32 [d], what the kernel scans with. */
  vector: Float32Array;
  /** Rows the user has had to do with; may repeat. */
  seen: Int32Array;
}

export interface UserCache extends Omit<PackedCache, 'get' | 'put'> {
  get(userId: string, now: number): FoldedUser | null;
  put(userId: string, expected: object, user: FoldedUser, now: number): void;
}

const HEADER = 2;

/**
 * Users' folded histories.
 * @param width of the vectors
 * @param freshMs entries older than twice that are not answered any more
 */
export function createUserCache(
  maxBytes: number,
  width: number,
  freshMs = Number.POSITIVE_INFINITY,
): UserCache {
  const cache = createPackedCache(maxBytes);
  const found: FoldedUser = { vector: new Float32Array(width), seen: new Int32Array(0) };
  return {
    ...cache,

    get(userId, now) {
      const entry = cache.get(userId);
      if (!entry) return null;
      const { words, floats, at } = entry;
      if (Math.abs(Math.floor(now / freshMs) - words[at + 1]!) > 1) return null;
      const vectorAt = at + HEADER;
      found.vector = floats.subarray(vectorAt, vectorAt + width);
      found.seen = words.subarray(vectorAt + width, vectorAt + width + words[at]!);
      return found;
    },

    put(userId, expected, { vector, seen }, now) {
      const entry = cache.put(userId, expected, HEADER + width + seen.length);
      if (!entry) return;
      const { words, floats, at } = entry;
      words[at] = seen.length;
      words[at + 1] = Math.floor(now / freshMs);
      floats.set(vector, at + HEADER);
      words.set(seen, at + HEADER + width);
    },
  };
}
