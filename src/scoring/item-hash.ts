import { hashOfId } from '../core/id-hash.ts';

const LOW = 2 ** 32;

/** Hashes of items (53 bits each, sorted) as an artifact has them: a high and a low number of 32 bits for each item. */
export function itemHashes(itemIds: readonly string[]): Int32Array {
  const hashes = Float64Array.from(itemIds, (itemId) => hashOfId(itemId, 0)).sort();
  const stored = new Int32Array(2 * hashes.length);
  hashes.forEach((hash, i) => {
    stored[2 * i] = Math.floor(hash / LOW);
    stored[2 * i + 1] = hash | 0;
  });
  return stored;
}

/** Says whether an item is among those whose hashes were stored. */
export function createHashTest(stored: Int32Array = new Int32Array(0)): (itemId: string) => boolean {
  const hashes = new Set<number>();
  for (let i = 0; i < stored.length; i += 2) hashes.add(stored[i]! * LOW + (stored[i + 1]! >>> 0));
  return (itemId) => hashes.has(hashOfId(itemId, 0));
}
