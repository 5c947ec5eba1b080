import type { HistoryRow } from '../../store/data/contract.ts';
import type { ItemFilter } from '../views/item-filter.ts';
import { popularInModel, popularInStore } from './fallback.ts';
import type { Request, Sourced } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';

type Popularity = ServingDeps['store'];

/** Popular items that are not among those there already. */
export async function popular(
  store: Popularity,
  request: Request,
  k: number,
  there: readonly Sourced[],
  filtered: boolean,
): Promise<Sourced[]> {
  const { model, catalogue, filter, mask, rules } = request;
  const isLeftOut = leftOutBy(request, there);
  const hidden = rules && new Set(rules.hiddenRows);
  const passes = (item: Parameters<NonNullable<ItemFilter['holds']>>[0] | null) =>
    (!filtered || !filter || (item !== null && filter.holds(item))) &&
    !item?.categories.some((name) => rules?.hiddenCategories.has(name));
  const hasConditions = (filtered && filter !== null) || (rules?.hiddenCategories.size ?? 0) > 0;
  const items = model
    ? popularInModel(
        model,
        k,
        (itemId) => isLeftOut(itemId) || (hidden?.has(model.rowOf.get(itemId)!) ?? false),
        filtered ? mask?.allowed : undefined,
      )
    : await popularInStore(
        {
          interactions: store.interactions,
          itemsOf: catalogue.items,
          passes: hasConditions ? passes : null,
        },
        k,
        isLeftOut,
        request.history.length + catalogue.blockedCount + request.exclude.size + there.length,
      );
  return items.map((item): Sourced => ({ ...item, source: 'popularity' }));
}

/** A filter that few items pass leaves places free. */
export async function fillUp(store: Popularity, request: Request, found: Sourced[]): Promise<Sourced[]> {
  const free = request.options.k - found.length;
  const isPure = request.options.strict || (request.scale !== null && found.length > 0);
  if (free <= 0 || !request.filter || isPure) return found;
  return [...found, ...(await popular(store, request, free, found, false))];
}

function leftOutBy(request: Request, there: readonly Sourced[]): (itemId: string) => boolean {
  const { history, catalogue, exclude, rules, options, seenTypes } = request;
  const isSeen = ({ type }: HistoryRow) => seenTypes === undefined || seenTypes.has(type);
  const seen = new Set(options.includeSeen ? [] : history.filter(isSeen).map(({ itemId }) => itemId));
  const taken = new Set(there.map(({ itemId }) => itemId));
  return (itemId) =>
    seen.has(itemId) ||
    taken.has(itemId) ||
    exclude.has(itemId) ||
    catalogue.isBlocked(itemId) ||
    (rules?.isHidden(itemId) ?? false);
}
