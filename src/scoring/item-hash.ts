import { drawOf } from '../core/rng.ts';

const RANGE = 2 ** 31;

/** Hash of an item's id in 62 bits, as two numbers below 2^31. */
function itemHash(itemId: string): [number, number] {
  return [Math.floor(drawOf(itemId, 1) * RANGE), Math.floor(drawOf(itemId, 2) * RANGE)];
}

/** Hashes of items as an artifact has them. */
export function itemHashes(itemIds: readonly string[]): Int32Array {
  return Int32Array.from(
    itemIds
      .map(itemHash)
      .sort(([a, b], [c, d]) => a - c || b - d)
      .flat(),
  );
}

/** Says whether an item is among those whose hashes were stored. */
export function createHashTest(hashes: Int32Array = new Int32Array(0)): (itemId: string) => boolean {
  const stored = new Set<string>();
  for (let i = 0; i < hashes.length; i += 2) stored.add(`${hashes[i]},${hashes[i + 1]}`);
  return (itemId) => stored.has(itemHash(itemId).join());
}
