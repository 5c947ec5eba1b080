import { setTimeout as sleep } from 'node:timers/promises';
import type { PopularityDefinition } from '../../domain/data/popularity.ts';
import type { ExportStore, InteractionStore } from '../../store/data/contract.ts';
import type {
  PopularItem,
  PopularityCursor,
  PopularityState,
  PopularityStore,
} from '../../store/data/popularity-contract.ts';
import { isDue, refreshAge } from '../../store/data/refresh-popularity.ts';
import { createLazyList, type LazyList } from './lazy-list.ts';

/** Popularity at one moment. */
export interface Popularity {
  /** Changes with every computation. */
  generation: number;
  /** Milliseconds; null before the first computation. */
  computedAt: number | null;
  list(by: 'score' | 'trend'): LazyList<PopularItem>;
  of(itemIds: readonly string[]): Promise<Map<string, number>>;
}

export interface CurrentPopularity {
  get(): Promise<Popularity>;
}

export interface PopularityDeps {
  interactions: Pick<InteractionStore, 'mostPopular'>;
  popularity: PopularityStore;
  exports: Pick<ExportStore, 'newestInteraction'>;
}

const TRUSTED_MS = 1000;
const PAGE = 1000;
/** A request waits so long for the first computation. */
const FIRST_MS = 2000;
/** Up to so many interactions are counted here where nobody has counted yet; more are left to a worker. */
const FEW_INTERACTIONS = 200_000;
/** So long a computation may take that an api does beside its requests. */
const SHORT_MS = 250;
/** Pages so small that a request hardly waits for one. */
const PAGE_ROWS = 1000;
/** Where nobody has computed for so many times the least age there is no worker that does; what is quick waits less. */
const OVERDUE = 10;
const SOON_OVERDUE = 2;

/**
 * Popularity as the database has it. Workers compute it; an api does so too where that is quick, or where no worker does it,
 * beside its requests. Before the first computation the numbers of interactions stand in.
 */
export function createCurrentPopularity(
  store: PopularityDeps,
  definition: PopularityDefinition,
  now: () => number,
  everyMs?: number,
): CurrentPopularity {
  let known: { popularity: Popularity; state: PopularityState | null; until: number } | null = null;
  let asking: Promise<Popularity> | null = null;
  let computing: Promise<unknown> | null = null;

  /** Never rejects: what cannot be computed now is shown as it was. */
  function compute(): Promise<unknown> {
    computing ??= store.popularity
      .compute(definition, { pageRows: PAGE_ROWS })
      .catch(() => null)
      .finally(() => {
        computing = null;
      });
    return computing;
  }

  async function ask(): Promise<Popularity> {
    const asked = performance.now();
    let state = await store.popularity.state();
    if (!state && (await store.exports.newestInteraction()) <= FEW_INTERACTIONS) {
      await Promise.race([compute(), sleep(FIRST_MS, undefined, { ref: false })]);
      state = await store.popularity.state();
    } else if (state && (await isDue(store.popularity, state, now(), everyMs)) && isOurs(state))
      void compute();
    const popularity =
      known && state?.generation === known.state?.generation ? known.popularity : open(store, state);
    known = { popularity, state, until: asked + Math.min(TRUSTED_MS, everyMs ?? TRUSTED_MS) };
    return popularity;
  }

  function isOurs(state: PopularityState): boolean {
    const overdue = state.tookMs <= SHORT_MS ? SOON_OVERDUE : OVERDUE;
    return Math.abs(now() - state.computedAt) > overdue * refreshAge(state, everyMs);
  }

  return {
    async get() {
      if (known && performance.now() < known.until) return known.popularity;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}

function open(store: PopularityDeps, state: PopularityState | null): Popularity {
  if (!state) return standIn(store);
  const { generation, computedAt } = state;
  const lists = new Map<string, LazyList<PopularItem>>();
  return {
    generation,
    computedAt,
    list(by) {
      const known = lists.get(by) ?? readList(store.popularity, generation, by);
      lists.set(by, known);
      return known;
    },
    async of(itemIds) {
      const found = await store.popularity.of(generation, itemIds);
      return new Map(found.map(({ itemId, score }) => [itemId, score]));
    },
  };
}

function readList(
  popularity: PopularityStore,
  generation: number,
  by: 'score' | 'trend',
): LazyList<PopularItem> {
  let after: PopularityCursor | null | undefined;
  return createLazyList(async () => {
    if (after === null) return null;
    const page = await popularity.page(generation, by, PAGE, after);
    after = page.next;
    return page.items;
  });
}

function standIn({ interactions }: PopularityDeps): Popularity {
  let isRead = false;
  const list = createLazyList<PopularItem>(async () => {
    if (isRead) return null;
    isRead = true;
    const found = await interactions.mostPopular(PAGE);
    return found.map(({ itemId, count }) => ({
      itemId,
      score: count,
      users: 0,
      recent: 0,
      past: 0,
      trend: 0,
    }));
  });
  const nothing = createLazyList<PopularItem>(async () => null);
  return {
    generation: 0,
    computedAt: null,
    list: (by) => (by === 'score' ? list : nothing),
    of: async () => new Map(),
  };
}
