import type { RecommendedItem } from '../domain/recommendation.ts';
import type { InteractionStore } from '../store/store.ts';
import type { LiveModel } from './live-model.ts';

type LeftOut = (itemId: string) => boolean;

/** The k items with the most weight in the model's training, best first. No question to the database. */
export function popularInModel(model: LiveModel, k: number, isLeftOut: LeftOut): RecommendedItem[] {
  const found: RecommendedItem[] = [];
  for (const row of model.scorer.popularityOrder) {
    if (found.length >= k) break;
    const itemId = model.items[row];
    if (!isLeftOut(itemId)) found.push({ itemId, score: model.scorer.popularity[row] });
  }
  return found;
}

/**
 * Before there is a model: the k items with the most interactions, best first.
 * @param leftOutCount at most so many items are left out
 */
export async function popularInStore(
  interactions: Pick<InteractionStore, 'mostPopular'>,
  k: number,
  isLeftOut: LeftOut,
  leftOutCount: number,
): Promise<RecommendedItem[]> {
  const popular = await interactions.mostPopular(k + leftOutCount);
  return popular
    .filter(({ itemId }) => !isLeftOut(itemId))
    .slice(0, k)
    .map(({ itemId, count }) => ({ itemId, score: count }));
}
