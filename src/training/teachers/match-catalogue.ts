import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { ItemMap } from '../../teacher/stored/map-items.ts';
import type { ItemSource } from '../run/run-options.ts';

/** The most items that stand for a new one. */
const MOST_LIKE = 32;

export interface MappedCatalogue {
  map: ItemMap;
  /** [new items] the row of the old catalogue, -1 for a new item. */
  oldRows: Int32Array;
  /**
   * Numbers of items of the new catalogue: known ones, new ones with others like them, new ones without; and of old ones that are
   * gone.
   */
  counts: { known: number; alike: number; unknown: number; gone: number };
}

const BATCH = 500;

/**
 * Returns the new catalogue in terms of the old one: items are found again by their ids, and a new one is represented by the old
 * ones that have most in common with it, in categories, labels and features.
 */
export async function mapCatalogue(
  old: readonly string[],
  now: readonly string[],
  source: ItemSource,
): Promise<MappedCatalogue> {
  const rows = new Map(old.map((id, row) => [id, row]));
  const fresh = now.filter((id) => !rows.has(id));
  const traits = fresh.length === 0 ? new Map() : await readTraits([...old, ...fresh], source);
  const alike = createAlike(old, traits);
  const indptr = new Int32Array(now.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  const counts = { known: 0, alike: 0, unknown: 0, gone: 0 };
  const oldRows = Int32Array.from(now, (id) => rows.get(id) ?? -1);
  for (const [item, id] of now.entries()) {
    const row = rows.get(id);
    const stand = row === undefined ? alike(id) : [{ row, weight: 1 }];
    for (const { row, weight } of stand) {
      indices.push(row);
      values.push(weight);
    }
    indptr[item + 1] = indices.length;
    counts[row !== undefined ? 'known' : stand.length > 0 ? 'alike' : 'unknown']++;
  }
  counts.gone = old.length - counts.known;
  const map = {
    rows: now.length,
    columns: old.length,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { map, oldRows, counts };
}

async function readTraits(ids: readonly string[], source: ItemSource): Promise<Map<string, string[]>> {
  const traits = new Map<string, string[]>();
  for (let from = 0; from < ids.length; from += BATCH) {
    for (const item of await source.getItems(ids.slice(from, from + BATCH))) {
      traits.set(item.itemId, traitsOf(item));
    }
  }
  return traits;
}

/**
 * Returns the traits that two items can have in common. Numbers are compared as they are, so that a year matches and a price
 * seldom does.
 */
function traitsOf({ categories, labels, features }: StoredItem): string[] {
  const traits = [
    ...categories.map((name) => `category ${name}`),
    ...labels.map((name) => `label ${name}`),
    ...Object.entries(features).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => `feature ${name} ${JSON.stringify(one)}`),
    ),
  ];
  return [...new Set(traits)];
}

/** The old items that share the rarest traits with one, by rows, with weights that add up to 1. */
function createAlike(old: readonly string[], traits: ReadonlyMap<string, string[]>) {
  const having = new Map<string, number[]>();
  for (const [row, id] of old.entries()) {
    for (const trait of traits.get(id) ?? []) {
      const rows = having.get(trait);
      if (rows) rows.push(row);
      else having.set(trait, [row]);
    }
  }
  return (id: string): { row: number; weight: number }[] => {
    const shared = new Map<number, number>();
    for (const trait of traits.get(id) ?? []) {
      const rows = having.get(trait) ?? [];
      const weight = Math.log((old.length + 1) / (rows.length + 0.5));
      for (const row of rows) shared.set(row, (shared.get(row) ?? 0) + weight);
    }
    const best = greatest(shared, MOST_LIKE);
    const sum = best.reduce((total, [, weight]) => total + weight, 0);
    return best.map(([row, weight]) => ({ row, weight: weight / sum })).sort((a, b) => a.row - b.row);
  };
}

/** The entries with the greatest values, equal ones by their keys. */
function greatest(values: ReadonlyMap<number, number>, count: number): [number, number][] {
  const best: [number, number][] = [];
  const isBefore = ([a, x]: [number, number], [b, y]: [number, number]) => x > y || (x === y && a < b);
  for (const entry of values) {
    if (best.length === count && !isBefore(entry, best[count - 1]!)) continue;
    let at = Math.min(best.length, count - 1);
    for (; at > 0 && isBefore(entry, best[at - 1]!); at--) best[at] = best[at - 1]!;
    best[at] = entry;
  }
  return best;
}
