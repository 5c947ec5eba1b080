import type { LiveModel } from '../models/live-model.ts';
import { boosted } from '../views/boosted-list.ts';
import { createLazyList, type LazyList, partsOf } from '../views/lazy-list.ts';
import { admit, type Conditions } from './gate.ts';
import type { Request, Sourced } from './request.ts';
import type { ServingDeps } from './serving-deps.ts';

interface Source {
  list: LazyList<{ itemId: string; score?: number }>;
  name: Sourced['source'];
}

/**
 * Up to k items for places that the student leaves free: popular ones first, those of the model's training next, the newest
 * of the catalogue last; factors of boosts move popular items. As long as an item fits that anything is known of, none of the places stays empty.
 *
 * @param there items that have their places already
 * @param source what they are called in the answer; without it popularity or latest
 */
export async function takeOthers(
  { popularity }: Pick<ServingDeps, 'popularity'>,
  request: Request,
  k: number,
  there: readonly Sourced[],
  source?: 'padding',
): Promise<Sourced[]> {
  const found: Sourced[] = [];
  if (k <= 0) return found;
  const taken = new Set(there.map(({ itemId }) => itemId));
  const { catalogue, model } = request;
  const popular = (await popularity.get()).list('score');
  const factors = request.rules?.factors;
  const moved = (list: LazyList<{ itemId: string; score: number }>) =>
    factors ? boosted(list, factors, catalogue) : list;
  const lists: Source[] = [
    { list: moved(popular), name: 'popularity' },
    ...(model ? [{ list: moved(popularInTraining(model)), name: 'popularity' as const }] : []),
    { list: catalogue.latest, name: 'latest' },
  ];
  for (const { list, name } of lists) {
    const fitting = source ? list : fittingOf(request.conditions, list);
    for await (const part of partsOf(fitting)) {
      const candidates = part
        .filter(({ itemId }) => !taken.has(itemId))
        .map(({ itemId, score = 0 }): Sourced => ({ itemId, score, source: source ?? name }));
      for (const item of await admit(request.conditions, candidates)) {
        if (found.length === k) return found;
        taken.add(item.itemId);
        found.push(item);
      }
      if (found.length === k) return found;
    }
  }
  return found;
}

/** The part of a list that a filter lets through is found once, however rare it is. */
export function fittingOf<T extends { itemId: string }>(
  { filter, catalogue }: Conditions,
  list: LazyList<T>,
): LazyList<T> {
  return filter ? catalogue.passing(list, filter) : list;
}

const trained = new WeakMap<LiveModel, LazyList<{ itemId: string; score: number }>>();
const PART = 1000;

/** The popularity of the training, of which the database may know nothing any more. */
function popularInTraining(model: LiveModel): LazyList<{ itemId: string; score: number }> {
  const known = trained.get(model);
  if (known) return known;
  const { popularity, popularityOrder } = model.scorer;
  let at = 0;
  const list = createLazyList(async () => {
    const part = Array.from(popularityOrder.subarray(at, at + PART), (row) => ({
      itemId: model.items[row]!,
      score: popularity[row]!,
    }));
    at += part.length;
    return part.length > 0 ? part : null;
  });
  trained.set(model, list);
  return list;
}
