import type { RecommendedItem } from '../../domain/answers/recommendation.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { InteractionStore } from '../../store/data/contract.ts';
import type { LiveModel } from '../models/live-model.ts';

type LeftOut = (itemId: string) => boolean;

/**
 * The k items with the most weight in the model's training, best first. No question to the database.
 * @param allowed one byte per row, 0: not this one
 */
export function popularInModel(
  model: LiveModel,
  k: number,
  isLeftOut: LeftOut,
  allowed?: Uint8Array,
): RecommendedItem[] {
  const found: RecommendedItem[] = [];
  for (const row of model.scorer.popularityOrder) {
    if (found.length >= k) break;
    if (allowed?.[row] === 0) continue;
    const itemId = model.items[row];
    if (!isLeftOut(itemId)) found.push({ itemId, score: model.scorer.popularity[row] });
  }
  return found;
}

interface StorePopularity {
  interactions: Pick<InteractionStore, 'mostPopular'>;
  itemsOf(itemIds: readonly string[]): Promise<(StoredItem | null)[]>;
  /** Null: every item passes. */
  passes: ((item: StoredItem | null) => boolean) | null;
}

/** Further than this nobody looks for popular items that pass a filter. */
const DEEPEST = 20_000;

/**
 * Before there is a model: the k items with the most interactions, best first.
 * @param leftOutCount at most so many items are left out by id
 */
export async function popularInStore(
  { interactions, itemsOf, passes }: StorePopularity,
  k: number,
  isLeftOut: LeftOut,
  leftOutCount: number,
): Promise<RecommendedItem[]> {
  for (let wanted = k + leftOutCount; ; wanted = Math.min(DEEPEST, wanted * 4)) {
    const popular = await interactions.mostPopular(wanted);
    const items = passes ? await itemsOf(popular.map(({ itemId }) => itemId)) : [];
    const found = popular.filter(
      ({ itemId }, i) => !isLeftOut(itemId) && (!passes || passes(items[i] ?? null)),
    );
    if (found.length >= k || popular.length < wanted || wanted >= DEEPEST || !passes) {
      return found.slice(0, k).map(({ itemId, count }) => ({ itemId, score: count }));
    }
  }
}
