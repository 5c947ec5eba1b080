import type { ItemField } from '../../domain/answers/recommend-options.ts';
import type { ItemSource, RecommendedItem } from '../../domain/answers/recommendation.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';

const DEFAULT_FIELDS: readonly ItemField[] = ['title'];

/** Items as answers show them: what was asked for from the catalogue, and where each is from if that differs. */
export async function showItems(
  catalogue: CatalogueView,
  items: readonly (RecommendedItem & { source?: ItemSource })[],
  fields: readonly ItemField[] | undefined,
  withSource: boolean,
): Promise<RecommendedItem[]> {
  if (items.length === 0) return [];
  const wanted = new Set(fields && fields.length > 0 ? fields : DEFAULT_FIELDS);
  const stored = await catalogue.items(items.map(({ itemId }) => itemId));
  return items.map(({ itemId, score, source, because }, i) => {
    const { title = null, categories = [], features = {} } = stored[i] ?? {};
    return {
      itemId,
      score: shownScore(score),
      ...(withSource && source && { source }),
      ...(wanted.has('title') && title !== null && { title }),
      ...(wanted.has('categories') && { categories }),
      ...(wanted.has('features') && { features }),
      ...(because && { because }),
    };
  });
}
