import type { Csr } from '../../dataset/matrix.ts';
import { addRows, bagOf } from '../../features/compose.ts';
import { type HiddenItems, type HiddenUser, PLACES } from './hidden-items.ts';
import type { ItemMap } from './item-map.ts';

/** How hidden items were found by a map. */
export interface Tried {
  /** Factor on what features add, and what is added to the score of every new item. */
  scale: number;
  offset: number;
  /** [users] recall@20 of the hidden items among all. */
  recall: Float64Array;
  /** Recall that as many items would have which are drawn at random. */
  byChance: number;
  /** Shares of the first 20 and of the first 10 places that hidden items have. */
  share: number;
  shareOfTen: number;
}

/**
 * Ranks hidden items among all by a map, at an offset with which they get as many of the places as they may.
 *
 * @param bags [items, columns] of all items
 * @param spread standard deviation of what features add to a score, by the mean distance of the first and the last place
 * @param most what they may have
 */
export function tryMap(hidden: HiddenItems, bags: Csr, map: ItemMap, spread: number, most: Places): Tried {
  const { users, items, entry } = hidden;
  const rows = rowsOf(map, bags, items);
  const added = users.map(({ vector }) => scoresOf(rows, vector));
  const distance = mean(users.map(({ best }) => best[0]! - best.at(-1)!));
  const deviation = Math.sqrt(mean(added.map((own) => mean(own.map((score) => score * score)))));
  const scale = deviation > 0 ? (spread * distance) / deviation : 0;
  const ranked = users.map((user, u) => rankHidden(user, added[u]!, scale, dot(entry, user.vector)));
  const offset = offsetFor(ranked, users, most);
  const recall = new Float64Array(users.length);
  let [placed, early] = [0, 0];
  for (const [u, { order, offsets, offsetsOfTen }] of ranked.entries()) {
    const found = countUpTo(offsets, offset);
    placed += found;
    early += countUpTo(offsetsOfTen, offset);
    const { taken } = users[u]!;
    for (let i = 0; i < found; i++) recall[u]! += Number(taken.has(order[i]!)) / taken.size;
  }
  return {
    ...{ scale, offset, recall },
    byChance: placed / users.length / items.length,
    share: placed / (users.length * PLACES),
    shareOfTen: early / (users.length * 10),
  };
}

/** The places that new items may have among the first 20. */
export interface Places {
  /** Share of the places. */
  share: number;
  /** Share of the hits on these places that may be lost; any, where it is not given. */
  cost?: number;
}

interface Ranked {
  /** Places of the hidden items, best first, as many as a list has. */
  order: Int32Array;
  /** Ascending: from which offset on so many of them are on the list. */
  offsets: Float64Array;
  offsetsOfTen: Float64Array;
}

function rankHidden({ best }: HiddenUser, added: Float32Array, scale: number, base: number): Ranked {
  const order = Int32Array.from(added.keys())
    .sort((a, b) => added[b]! - added[a]! || a - b)
    .subarray(0, PLACES);
  // The first i + 1 of them are on a list of k once the (i + 1)th is above the known one on the place k - 1 - i.
  const among = (k: number) =>
    Float64Array.from(order.subarray(0, k), (item, i) => best[k - 1 - i]! - base - scale * added[item]!);
  return { order, offsets: among(PLACES), offsetsOfTen: among(10) };
}

/** Returns the offset at which the hidden items have their places: the greatest that neither share nor cost forbids. */
function offsetFor(ranked: readonly Ranked[], users: readonly HiddenUser[], { share, cost }: Places): number {
  const places = ranked.flatMap(({ offsets, order }, u) =>
    Array.from(offsets, (offset, i) => {
      const { found, taken } = users[u]!;
      return { offset, gain: Number(taken.has(order[i]!)) - found[PLACES - 1 - i]! };
    }),
  );
  places.sort((a, b) => a.offset - b.offset);
  const most = Math.min(places.length - 1, Math.round(share * ranked.length * PLACES));
  if (cost === undefined) return places[most]?.offset ?? 0;
  const hits = users.reduce((sum, { found }) => sum + found.reduce((own, one) => own + one, 0), 0);
  let [gained, wanted] = [0, 0];
  for (const [i, { gain }] of places.slice(0, most).entries()) {
    gained += gain;
    if (gained >= -cost * hits) wanted = i + 1;
  }
  return places[wanted]?.offset ?? 0;
}

/** Returns how many of the ascending numbers are below a limit. */
function countUpTo(ascending: Float64Array, limit: number): number {
  const at = ascending.findIndex((value) => value >= limit);
  return at < 0 ? ascending.length : at;
}

/** [hidden items, width] what the features of each add. */
function rowsOf({ table, width }: ItemMap, bags: Csr, items: Int32Array) {
  const values = new Float32Array(items.length * width);
  for (const [i, item] of items.entries())
    addRows({ width, values: table }, bagOf(bags, item), values.subarray(i * width, (i + 1) * width));
  return { values, width };
}

function scoresOf(
  { values, width }: { values: Float32Array; width: number },
  vector: Float32Array,
): Float32Array {
  return Float32Array.from({ length: values.length / width }, (_, i) =>
    dot(values.subarray(i * width, (i + 1) * width), vector),
  );
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return values.length > 0 ? sum / values.length : 0;
}
