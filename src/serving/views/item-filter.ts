import { LRUCache } from 'lru-cache';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { compileFilter, type ItemPredicate } from '../filter/compile.ts';
import { parseFilter } from '../filter/parse.ts';

/** Which items an answer may show, as the request said it. */
export interface ItemFilter {
  /** Equal for equal conditions. */
  key: string;
  holds: ItemPredicate;
}

const KEPT = 256;

/**
 * Filters are read and compiled once, as long as they are among those asked for last.
 * @returns null when nothing is asked
 */
export function createItemFilters() {
  const compiled = new LRUCache<string, ItemPredicate>({ max: KEPT });

  function predicate(text: string): ItemPredicate {
    const known = compiled.get(text);
    if (known) return known;
    const holds = compileFilter(parseFilter(text));
    compiled.set(text, holds);
    return holds;
  }

  return (category: readonly string[] | undefined, filter: string | undefined): ItemFilter | null => {
    const wanted = category && category.length > 0 ? new Set(category) : null;
    if (!wanted && filter === undefined) return null;
    const holds = filter === undefined ? null : predicate(filter);
    return {
      key: JSON.stringify([wanted && [...wanted].sort(), filter ?? null]),
      holds: (item: StoredItem) =>
        (!wanted || item.categories.some((name) => wanted.has(name))) && (!holds || holds(item)),
    };
  };
}
