import { LRUCache } from 'lru-cache';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { compileFilter, type ItemPredicate } from '../filter/compile.ts';
import { type Condition, parseFilter } from '../filter/parse.ts';

/** Which items an answer may show, as the request said it. */
export interface ItemFilter {
  /** Equal for equal conditions. */
  key: string;
  holds: ItemPredicate;
  /** The question itself, to look for mistakes in. */
  categories: readonly string[];
  condition: Condition | null;
}

const KEPT = 256;

/**
 * Filters are read and compiled once, as long as they are among those asked for last.
 * @returns null when nothing is asked
 */
export function createItemFilters() {
  const compiled = new LRUCache<string, { condition: Condition; holds: ItemPredicate }>({ max: KEPT });

  function predicate(text: string) {
    const known = compiled.get(text);
    if (known) return known;
    const condition = parseFilter(text);
    const made = { condition, holds: compileFilter(condition) };
    compiled.set(text, made);
    return made;
  }

  return (category: readonly string[] | undefined, filter: string | undefined): ItemFilter | null => {
    const wanted = category && category.length > 0 ? new Set(category) : null;
    if (!wanted && filter === undefined) return null;
    const made = filter === undefined ? null : predicate(filter);
    const holds = made?.holds;
    return {
      categories: category ?? [],
      condition: made?.condition ?? null,
      key: JSON.stringify([wanted && [...wanted].sort(), filter ?? null]),
      holds: (item: StoredItem) =>
        (!wanted || item.categories.some((name) => wanted.has(name))) && (!holds || holds(item)),
    };
  };
}
