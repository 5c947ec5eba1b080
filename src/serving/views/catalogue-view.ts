import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { recommendsListedOnly, type Unlisted } from '../../domain/data/unlisted.ts';
import type { RowMask } from '../../scoring/scan/blocked-rows.ts';
import type { CatalogueStore } from '../../store/data/contract.ts';
import type { Changes } from '../caches/changes.ts';
import type { LiveModel } from '../models/live-model.ts';
import { type Blocked, blockedAt } from './blocked-items.ts';
import type { ItemFilter } from './item-filter.ts';
import { createLazyList, filterLazily, type LazyList } from './lazy-list.ts';

/** The catalogue for one request, at one revision and one moment. */
export interface CatalogueView {
  /** Grows with every change of an item. */
  revision: number;
  /** Hidden, not available yet, or no longer. */
  isBlocked(itemId: string): boolean;
  blockedCount: number;
  /** True where items that the catalogue does not have are not recommended. */
  listedOnly: boolean;
  /** The blocked items as rows of a model, and where only listed ones are recommended the others. */
  blockedRows(model: LiveModel): Int32Array;
  /** These items, null for those that the catalogue does not know. */
  items(itemIds: readonly string[]): Promise<(StoredItem | null)[]>;
  /** One of them if it is at hand; undefined when the database must be asked. */
  peek(itemId: string): StoredItem | null | undefined;
  /** A place per row of the model for whatever callers keep of its item; empty at every revision. */
  notes(model: LiveModel): (string | undefined)[];
  /** The rows of a model whose items pass. */
  mask(model: LiveModel, filter: ItemFilter): Promise<RowMask>;
  /** The catalogue, the newest first; hidden and unavailable items too. */
  latest: LazyList<LatestItem>;
  /** The entries of a list whose items pass; found once for all who ask. */
  passing<T extends { itemId: string }>(list: LazyList<T>, filter: ItemFilter): LazyList<T>;
}

export interface LatestItem {
  itemId: string;
  /** Milliseconds; 0 where that is not known. */
  since: number;
}

export interface CurrentCatalogue {
  /** One cheap question to the database as long as no item changes. */
  get(): Promise<CatalogueView>;
  /** No question at all, if every change is heard of and the database was asked within the last second. */
  peek(): CatalogueView | null;
}

type Catalogue = Pick<
  CatalogueStore,
  'itemsRevision' | 'restrictedItems' | 'getItems' | 'latestItems' | 'coverage' | 'unlistedItems'
>;

const MAX_ITEMS = 100_000;
const MASK_BYTES = 32 << 20;
const CHUNK = 250;
const FILTERED_LISTS = 64;
const TRUSTED_MS = 1000;

export function createCurrentCatalogue(
  catalogue: Catalogue,
  now: () => number,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
  setting: Unlisted = 'auto',
): CurrentCatalogue {
  let current: { revision: number; load: Promise<ReturnType<typeof createRevision>> } | null = null;
  let trusted: { revision: ReturnType<typeof createRevision>; until: number } | null = null;
  let writes = 0;
  changes?.subscribe({
    items() {
      writes++;
      trusted = null;
    },
  });

  return {
    async get() {
      const before = writes;
      const asked = performance.now();
      // Asked before reading anything else: what is read is then at least as new, never older than its revision.
      const revision = await catalogue.itemsRevision();
      if (current?.revision !== revision) {
        const load = readRevision(catalogue, revision, setting);
        current = { revision, load };
        load.catch(() => {
          if (current?.load === load) current = null;
        });
      }
      const loaded = await current.load;
      if (writes === before) trusted = { revision: loaded, until: asked + TRUSTED_MS };
      return loaded.at(now());
    },

    peek() {
      if (!trusted || !changes?.areHeard() || performance.now() > trusted.until) return null;
      return trusted.revision.at(now());
    },
  };
}

async function readRevision(catalogue: Catalogue, revision: number, setting: Unlisted) {
  const restricted = await catalogue.restrictedItems();
  const listedOnly = recommendsListedOnly(setting, await catalogue.coverage());
  const unlisted = listedOnly ? await catalogue.unlistedItems() : null;
  return createRevision(catalogue, revision, { restricted, unlisted });
}

interface LeftOut {
  /** Items that are hidden, or not there at all times. */
  restricted: readonly StoredItem[];
  /** Items that the catalogue does not have; null where such are recommended. */
  unlisted: readonly string[] | null;
}

function createRevision(catalogue: Catalogue, revision: number, { restricted, unlisted }: LeftOut) {
  const known = new Map<string, StoredItem | null>();
  const notes = new WeakMap<LiveModel, (string | undefined)[]>();
  const masks = new WeakMap<LiveModel, LRUCache<string, Promise<RowMask>>>();
  let blocked: Blocked | null = null;

  async function items(itemIds: readonly string[]): Promise<(StoredItem | null)[]> {
    const missing = itemIds.filter((id) => !known.has(id));
    if (missing.length > 0) {
      const found = new Map((await catalogue.getItems(missing)).map((item) => [item.itemId, item]));
      if (known.size + missing.length > MAX_ITEMS) known.clear();
      for (const id of missing) known.set(id, found.get(id) ?? null);
      // After a clear() the ones that were there have to be asked for again.
      if (itemIds.length <= MAX_ITEMS && itemIds.some((id) => !known.has(id))) return items(itemIds);
    }
    return itemIds.map((id) => known.get(id) ?? null);
  }

  function mask(model: LiveModel, filter: ItemFilter): Promise<RowMask> {
    const ofModel = masks.get(model) ?? new LRUCache<string, Promise<RowMask>>({ maxSize: MASK_BYTES });
    masks.set(model, ofModel);
    const kept = ofModel.get(filter.key);
    if (kept) return kept;
    const made = computeMask(model, filter);
    ofModel.set(filter.key, made, { size: Math.min(2 * model.items.length, MASK_BYTES) });
    made.catch(() => ofModel.delete(filter.key));
    return made;
  }

  /** Tries the filter on all items, in chunks with turns for other requests between them. */
  async function computeMask(model: LiveModel, filter: ItemFilter): Promise<RowMask> {
    // Shared, so that threads that scan need no copy.
    const allowed = new Uint8Array(new SharedArrayBuffer(model.items.length));
    // What is read is kept only where all of it can be.
    const keeps = model.items.length <= MAX_ITEMS;
    for (let from = 0; from < model.items.length; from += CHUNK) {
      const ids = model.items.slice(from, from + CHUNK);
      const chunk = keeps ? await items(ids) : await inOrder(catalogue, ids);
      chunk.forEach((item, i) => {
        if (item && filter.holds(item)) allowed[from + i] = 1;
      });
      await nextTurn();
    }
    return { allowed };
  }

  const latest = readLatest(catalogue);
  const passing = createPassing(items);

  return {
    at(time: number): CatalogueView {
      if (!blocked || time < blocked.from || time >= blocked.until) blocked = blockedAt(restricted, time);
      const { ids, rows } = blocked;
      return {
        revision,
        isBlocked: (itemId) => ids.has(itemId),
        blockedCount: ids.size,
        listedOnly: unlisted !== null,
        blockedRows(model) {
          const there = rows.get(model) ?? rowsOf([...ids, ...(unlisted ?? [])], model);
          rows.set(model, there);
          return there;
        },
        items,
        peek: (itemId) => known.get(itemId),
        notes(model) {
          const ofModel = notes.get(model) ?? new Array(model.items.length);
          notes.set(model, ofModel);
          return ofModel;
        },
        mask,
        latest,
        passing,
      };
    },
  };
}

async function inOrder(catalogue: Catalogue, ids: readonly string[]): Promise<(StoredItem | null)[]> {
  const found = new Map((await catalogue.getItems(ids)).map((item) => [item.itemId, item]));
  return ids.map((id) => found.get(id) ?? null);
}

function readLatest(catalogue: Catalogue): LazyList<LatestItem> {
  let after: Awaited<ReturnType<Catalogue['latestItems']>>['next'] | undefined;
  return createLazyList(async () => {
    if (after === null) return null;
    const page = await catalogue.latestItems(CHUNK, after);
    after = page.next;
    return page.items.map(({ itemId, since }) => ({ itemId, since }));
  });
}

/** The lists that were asked for last are kept, for each filter. */
function createPassing(items: CatalogueView['items']): CatalogueView['passing'] {
  const lists = new WeakMap<object, LRUCache<string, LazyList<never>>>();
  return <T extends { itemId: string }>(list: LazyList<T>, filter: ItemFilter) => {
    const ofList = lists.get(list) ?? new LRUCache<string, LazyList<never>>({ max: FILTERED_LISTS });
    lists.set(list, ofList);
    const kept = ofList.get(filter.key) as LazyList<T> | undefined;
    if (kept) return kept;
    const made = filterLazily(list, async (part) => {
      const found = await items(part.map(({ itemId }) => itemId));
      return found.map((item) => item !== null && filter.holds(item));
    });
    ofList.set(filter.key, made as never);
    return made;
  };
}

function rowsOf(ids: readonly string[], model: LiveModel): Int32Array {
  const rows = ids.map((id) => model.rowOf.get(id)).filter((row) => row !== undefined);
  return Int32Array.from(rows);
}
