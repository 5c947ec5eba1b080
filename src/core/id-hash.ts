/**
 * Seeded hashes of ids, 53 bits each, so that they are whole numbers that a double holds. Lots drawn by them are the same for
 * the same id and seed, whatever else is in the data. They are no cryptography.
 */

const HASHES = 2 ** 53;
const HIGH = 2 ** 32;

/**
 * Returns a whole number in [0, 2^53), the same for the same id and seed. Two lanes of multiplications over UTF-16 units, as
 * cyrb53 (bryc, public domain) has them; the seed is mixed first, so that it cannot stand in for a character.
 */
export function hashOfId(id: string, seed: number): number {
  let low = scrambled(seed ^ 0x9e3779b9);
  let high = scrambled(seed ^ 0x41c6ce57);
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    high = Math.imul(high ^ unit, 0x5f356495);
  }
  return finished(low, high);
}

/** Returns a whole number in [0, 2^53) for a pair of hashes; (a, b) and (b, a) have different ones. */
export function mixHashes(a: number, b: number): number {
  // The first is scrambled alone: a user and an item of the same id have the same hash, which would cancel out.
  const low = Math.imul(scrambled((a >>> 0) ^ 0x85ebca6b) ^ (b >>> 0), 0x9e3779b1);
  const high = Math.imul(scrambled(Math.floor(a / HIGH) ^ 0xc2b2ae35) ^ Math.floor(b / HIGH), 0x5f356495);
  return finished((low << 13) | (low >>> 19), (high << 15) | (high >>> 17));
}

/** Uniform in [0, 1), the same for the same id and seed. */
export function drawOfId(id: string, seed: number): number {
  return hashOfId(id, seed) / HASHES;
}

function finished(low: number, high: number): number {
  const first = scrambled(low + Math.imul(high, 0x85ebca6b));
  const second = scrambled(high + Math.imul(first, 0xc2b2ae35));
  return HIGH * (second >>> 11) + (first >>> 0);
}

/** The finalizer of MurmurHash3 (Appleby), which spreads every bit of 32 over all of them. */
function scrambled(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
