import { LRUCache } from 'lru-cache';
import type { CatalogueView } from './catalogue-view.ts';
import { createLazyList, type LazyList } from './lazy-list.ts';
import type { ItemFactors } from './rules.ts';

interface Scored {
  itemId: string;
  score?: number;
}

const PART = 250;
const LISTS = 16;
const known = new WeakMap<object, LRUCache<string, LazyList<never>>>();

/** A list by its scores times the factors of rules; made once for all who ask. @param list greatest scores first */
export function boosted<T extends Scored>(
  list: LazyList<T>,
  factors: ItemFactors,
  catalogue: CatalogueView,
): LazyList<T> {
  const ofList = known.get(list) ?? new LRUCache<string, LazyList<never>>({ max: LISTS });
  known.set(list, ofList);
  const key = `${catalogue.revision} ${factors.key}`;
  const kept = ofList.get(key) as LazyList<T> | undefined;
  if (kept) return kept;
  const made = boostLazily(list, factors.highest, async (part) => {
    const stored = await catalogue.items(part.map(({ itemId }) => itemId));
    return part.map(({ itemId }, i) => factors.of(itemId, stored[i] ?? null));
  });
  ofList.set(key, made as never);
  return made;
}

/**
 * Reads as far as an entry that is not read yet could still come before those that are: its score times the highest factor.
 * @param highest no factor is above it
 */
export function boostLazily<T extends Scored>(
  list: LazyList<T>,
  highest: number,
  factorsOf: (part: readonly T[]) => Promise<readonly number[]>,
): LazyList<T> {
  let at = 0;
  /** Greatest first. */
  let waiting: T[] = [];

  async function readPart(): Promise<boolean> {
    while (at === list.items.length) if (!(await list.more())) return at < list.items.length;
    const part = list.items.slice(at, at + PART);
    at += part.length;
    const factors = await factorsOf(part);
    const scored = part.map((entry, i) => ({ ...entry, score: scoreOf(entry) * factors[i]! }));
    waiting = merged(
      waiting,
      scored.sort((a, b) => b.score - a.score),
    );
    return true;
  }

  return createLazyList(async () => {
    while (await readPart()) {
      const last = list.items[at - 1]!;
      const bound = scoreOf(last) * highest;
      const ready = waiting.findIndex((entry) => scoreOf(entry) < bound);
      const count = ready === -1 ? waiting.length : ready;
      if (count > 0) return waiting.splice(0, count);
    }
    return waiting.length > 0 ? waiting.splice(0) : null;
  });
}

const scoreOf = ({ score = 0 }: Scored) => score;

function merged<T extends Scored>(a: readonly T[], b: readonly T[]): T[] {
  const all: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const first = j === b.length || (i < a.length && scoreOf(a[i]!) >= scoreOf(b[j]!));
    all.push(first ? a[i++]! : b[j++]!);
  }
  return all;
}
