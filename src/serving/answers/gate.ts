import type { ItemField } from '../../domain/answers/recommend-options.ts';
import type { ItemSource, RecommendedItem } from '../../domain/answers/recommendation.ts';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { shownScore } from '../../scoring/shown-score.ts';
import type { CatalogueView } from '../views/catalogue-view.ts';
import type { ItemFilter } from '../views/item-filter.ts';
import type { ActiveRules } from '../views/rules.ts';

/** Conditions that hold for every item of an answer, wherever it is from. */
export interface Conditions {
  catalogue: CatalogueView;
  rules: ActiveRules | null;
  filter: ItemFilter | null;
  exclude: ReadonlySet<string>;
  /** Items that the user has had to do with; only pins show them. */
  seen: ReadonlySet<string>;
  /** Items that the user dislikes; nothing shows them. None in lists for everybody. */
  disliked?: ReadonlySet<string>;
  /** Items that the user was shown too often; only pins show them. None in lists for everybody. */
  worn?: ReadonlySet<string>;
  /** True where items may be shown that the catalogue does not have, whatever the setting says. */
  takesUnlisted?: boolean;
}

export interface Candidate {
  itemId: string;
  /** Without one it is like any other: all conditions hold. */
  source?: ItemSource;
}

/** Why an item may not be shown. */
export type Refusal =
  | 'unavailable'
  | 'hidden-by-rule'
  | 'excluded'
  | 'filtered'
  | 'seen'
  | 'disliked'
  | 'worn'
  | 'unlisted';

const DEFAULT_FIELDS: readonly ItemField[] = ['title'];

/** Why an item may not be shown; null where it may. @param stored null for one that the catalogue does not know */
export function refusalOf(
  { catalogue, rules, filter, exclude, seen, disliked, worn, takesUnlisted }: Conditions,
  { itemId, source }: Candidate,
  stored: StoredItem | null,
): Refusal | null {
  if (catalogue.isBlocked(itemId)) return 'unavailable';
  if (stored === null && catalogue.listedOnly && source !== 'rules' && !takesUnlisted) return 'unlisted';
  if (rules?.isHidden(itemId)) return 'hidden-by-rule';
  if (rules && stored?.categories.some((name) => rules.hiddenCategories.has(name))) return 'hidden-by-rule';
  if (exclude.has(itemId)) return 'excluded';
  if (disliked?.has(itemId)) return 'disliked';
  if (source !== 'rules' && seen.has(itemId)) return 'seen';
  if (source !== 'rules' && worn?.has(itemId)) return 'worn';
  // Whoever asks for padding asks for items that break the filter, and for nothing else.
  if (source !== 'padding' && filter && !(stored && filter.holds(stored))) return 'filtered';
  return null;
}

/** Those that may be shown, each once, in their order. */
export async function admit<T extends Candidate>(
  conditions: Conditions,
  candidates: readonly T[],
): Promise<T[]> {
  const stored = await conditions.catalogue.items(candidates.map(({ itemId }) => itemId));
  const there = new Set<string>();
  return candidates.filter((candidate, i) => {
    if (there.has(candidate.itemId) || refusalOf(conditions, candidate, stored[i] ?? null)) return false;
    there.add(candidate.itemId);
    return true;
  });
}

/**
 * Items as answers show them, with what was asked for from the catalogue. The one way from items into an answer: whatever
 * put them together, none that breaks a condition comes through.
 */
export async function present(
  conditions: Conditions,
  items: readonly (RecommendedItem & Candidate)[],
  fields: readonly ItemField[] | undefined,
  withSource: boolean,
): Promise<RecommendedItem[]> {
  if (items.length === 0) return [];
  const shown = await admit(conditions, items);
  const describe = await describer(conditions.catalogue, shown, fields);
  return shown.map(({ itemId, score, source, because }, i) => ({
    itemId,
    score: shownScore(score),
    ...(withSource && source && { source }),
    ...describe(i),
    ...(because && { because }),
  }));
}

type Described = Pick<RecommendedItem, 'title' | 'categories' | 'features'>;

/** Describes items as the catalogue does, as far as the fields were asked for; title without any. */
export async function describer(
  catalogue: CatalogueView,
  items: readonly { itemId: string }[],
  fields: readonly ItemField[] | undefined,
): Promise<(place: number) => Described> {
  const wanted = new Set(fields && fields.length > 0 ? fields : DEFAULT_FIELDS);
  const stored = await catalogue.items(items.map(({ itemId }) => itemId));
  return (place) => {
    const { title = null, categories = [], features = {} } = stored[place] ?? {};
    return {
      ...(wanted.has('title') && title !== null && { title }),
      ...(wanted.has('categories') && { categories }),
      ...(wanted.has('features') && { features }),
    };
  };
}
