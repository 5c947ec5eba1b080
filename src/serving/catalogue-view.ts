import type { StoredItem } from '../domain/catalogue.ts';
import type { CatalogueStore } from '../store/store.ts';
import type { LiveModel } from './live-model.ts';

/** What a request needs to know of the catalogue, at one revision of it and one moment. */
export interface CatalogueView {
  /** Hidden, not available yet, or no longer. */
  isBlocked(itemId: string): boolean;
  blockedCount: number;
  /** The same, as rows of a model. */
  blockedRows(model: LiveModel): Int32Array;
  /** Titles of these items, null where there is none. */
  titles(itemIds: readonly string[]): Promise<(string | null)[]>;
}

/** Answers with one cheap question to the database as long as no item changes. */
export type CurrentCatalogue = () => Promise<CatalogueView>;

type Catalogue = Pick<CatalogueStore, 'itemsRevision' | 'restrictedItems' | 'getItems'>;

interface Blocked {
  ids: ReadonlySet<string>;
  rows: WeakMap<LiveModel, Int32Array>;
  /** The moments between which no window opens or closes. */
  from: number;
  until: number;
}

const MAX_TITLES = 100_000;

export function createCurrentCatalogue(catalogue: Catalogue, now: () => number): CurrentCatalogue {
  let current: { revision: number; load: Promise<ReturnType<typeof createRevision>> } | null = null;

  return async () => {
    // Asked before reading anything else: what is read is then at least as new, never older than its revision.
    const revision = await catalogue.itemsRevision();
    if (current?.revision !== revision) {
      const load = catalogue.restrictedItems().then((items) => createRevision(catalogue, items));
      current = { revision, load };
      load.catch(() => {
        if (current?.load === load) current = null;
      });
    }
    return (await current.load).at(now());
  };
}

function createRevision(catalogue: Catalogue, restricted: readonly StoredItem[]) {
  const titles = new Map<string, string | null>();
  let blocked: Blocked | null = null;

  async function findTitles(itemIds: readonly string[]): Promise<(string | null)[]> {
    const missing = itemIds.filter((id) => !titles.has(id));
    if (missing.length > 0) {
      const found = await catalogue.getItems(missing);
      if (titles.size + missing.length > MAX_TITLES) titles.clear();
      const fetched = new Map(found.map(({ itemId, title }) => [itemId, title]));
      for (const id of missing) titles.set(id, fetched.get(id) ?? null);
      // After a clear() the ones that were there have to be asked for again.
      if (itemIds.some((id) => !titles.has(id))) return findTitles(itemIds);
    }
    return itemIds.map((id) => titles.get(id) ?? null);
  }

  return {
    at(time: number): CatalogueView {
      if (!blocked || time < blocked.from || time >= blocked.until) blocked = blockedAt(restricted, time);
      const { ids, rows } = blocked;
      return {
        isBlocked: (itemId) => ids.has(itemId),
        blockedCount: ids.size,
        blockedRows(model) {
          const known = rows.get(model) ?? rowsOf(ids, model);
          rows.set(model, known);
          return known;
        },
        titles: findTitles,
      };
    },
  };
}

function blockedAt(restricted: readonly StoredItem[], time: number): Blocked {
  const ids = new Set<string>();
  let until = Number.POSITIVE_INFINITY;
  for (const { itemId, hidden, availableFrom, availableUntil } of restricted) {
    const early = availableFrom !== null && time < availableFrom;
    const late = availableUntil !== null && time >= availableUntil;
    if (hidden || early || late) ids.add(itemId);
    if (early) until = Math.min(until, availableFrom);
    if (availableUntil !== null && !late) until = Math.min(until, availableUntil);
  }
  return { ids, rows: new WeakMap(), from: time, until };
}

function rowsOf(ids: ReadonlySet<string>, model: LiveModel): Int32Array {
  const rows = [...ids].map((id) => model.rowOf.get(id)).filter((row) => row !== undefined);
  return Int32Array.from(rows);
}
