import type { ItemField } from '../../domain/answers/recommend-options.ts';
import type { ItemList, ListedItem } from '../../domain/answers/recommendation.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import type { PopularItem } from '../../store/data/popularity-contract.ts';
import type { LatestItem } from '../views/catalogue-view.ts';
import { createItemFilters } from '../views/item-filter.ts';
import { type LazyList, partsOf } from '../views/lazy-list.ts';
import { admit, type Conditions, describer } from './gate.ts';
import { fittingOf } from './others.ts';
import type { ServingDeps } from './serving-deps.ts';

export interface ListOptions {
  k: number;
  exclude?: readonly string[] | undefined;
  category?: readonly string[] | undefined;
  filter?: string | undefined;
  fields?: readonly ItemField[] | undefined;
}

type List = (options: ListOptions) => Promise<ItemList>;

/** Lists for everybody: neither a user nor a model plays a part. Rules without a model hide; they pin and boost nothing here. */
export interface Lists {
  /** By positive pairs of users and items, each user once. */
  popular: List;
  /** Items that rise above their own past. */
  trending: List;
  /** The newest of the catalogue. */
  latest: List;
}

export function createLists(deps: ServingDeps): Lists {
  const filterOf = createItemFilters();
  const { catalogue: currentCatalogue, rules, popularity: currentPopularity, check } = deps;

  async function conditionsOf({ category, filter, exclude }: ListOptions): Promise<Conditions> {
    const catalogue = await currentCatalogue.get();
    return {
      catalogue,
      rules: await rules.get(null, catalogue),
      filter: filterOf(category, filter),
      exclude: new Set(exclude),
      seen: new Set(),
    };
  }

  async function answer<T extends { itemId: string }>(
    options: ListOptions,
    conditions: Conditions,
    list: LazyList<T>,
    computedAt: number | null,
    facts: (item: T) => Partial<ListedItem>,
  ): Promise<ItemList> {
    const found = await takeFirst(conditions, list, options.k);
    const describe = await describer(conditions.catalogue, found, options.fields);
    const warnings = await check.warnings(conditions.filter, conditions.catalogue.revision);
    return {
      items: found.map((item, i) => ({ itemId: item.itemId, ...facts(item), ...describe(i) })),
      ...(found.length < options.k && {
        reason: `there are only ${found.length} such items${conditions.filter ? ' that fit category and filter' : ''}`,
        reasonCode: 'few-fit' as const,
      }),
      ...(warnings.length > 0 && { warnings }),
      computedAt: computedAt === null ? null : new Date(computedAt).toISOString(),
    };
  }

  async function counted(
    options: ListOptions,
    by: 'score' | 'trend',
    facts: (item: PopularItem) => Partial<ListedItem>,
  ): Promise<ItemList> {
    const conditions = await conditionsOf(options);
    const popularity = await currentPopularity.get();
    return answer(options, conditions, popularity.list(by), popularity.computedAt, facts);
  }

  return {
    popular: (options) =>
      counted(options, 'score', ({ score, users }) => ({ score: shownScore(score), users })),
    trending: (options) =>
      counted(options, 'trend', ({ trend, recent, past }) => ({ score: shownScore(trend), recent, past })),
    async latest(options) {
      const conditions = await conditionsOf(options);
      const since = (item: LatestItem) => ({
        since: item.since > 0 ? new Date(item.since).toISOString() : null,
      });
      return answer(options, conditions, conditions.catalogue.latest, null, since);
    },
  };
}

async function takeFirst<T extends { itemId: string }>(
  conditions: Conditions,
  list: LazyList<T>,
  k: number,
): Promise<T[]> {
  const found: T[] = [];
  for await (const part of partsOf(fittingOf(conditions, list))) {
    found.push(...(await admit(conditions, part)));
    if (found.length >= k) break;
  }
  return found.slice(0, k);
}
