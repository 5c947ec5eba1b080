import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import { fieldsOf, saidIn } from '../../features/values.ts';
import type { CatalogueStore } from '../../store/data/contract.ts';

/** Items of the catalogue by what is said of them, whether a model knows them or not. */
export interface Words {
  /** All items that share something with this one, the most similar first; score is the cosine. Itself is not among them. */
  like(item: StoredItem): { itemId: string; score: number }[];
}

export interface CurrentWords {
  get(revision: number): Promise<Words>;
}

const PAGE = 250;
/** Beyond so many items the newest are compared. */
const MOST_ITEMS = 200_000;
/** Reading the whole catalogue may take so small a share of the time. */
const READING_SHARE = 0.05;

/** The catalogue is read at the first question, and again where items have changed since. */
export function createCurrentWords(catalogue: Pick<CatalogueStore, 'latestItems'>): CurrentWords {
  let known: { revision: number; words: Words; renewable: number } | null = null;
  let reading: Promise<Words> | null = null;

  async function read(revision: number): Promise<Words> {
    const started = performance.now();
    const words = await readWords(catalogue);
    const ended = performance.now();
    known = { revision, words, renewable: ended + (ended - started) / READING_SHARE };
    return words;
  }

  return {
    async get(revision) {
      if (known && (known.revision === revision || performance.now() < known.renewable)) return known.words;
      reading ??= read(revision).finally(() => {
        reading = null;
      });
      return reading;
    },
  };
}

/**
 * Cosines of TF-IDF rows: every field and word that is said of an item counts ln(items / items that say it), so that what all have
 * in common says nothing.
 */
async function readWords(catalogue: Pick<CatalogueStore, 'latestItems'>): Promise<Words> {
  const ids: string[] = [];
  const postings = new Map<string, number[]>();
  let after: Awaited<ReturnType<CatalogueStore['latestItems']>>['next'] | undefined;
  while (after !== null && ids.length < MOST_ITEMS) {
    const page = await catalogue.latestItems(PAGE, after);
    for (const item of page.items) {
      for (const token of tokensOf(item)) {
        const list = postings.get(token);
        if (list) list.push(ids.length);
        else postings.set(token, [ids.length]);
      }
      ids.push(item.itemId);
    }
    after = page.next;
    await nextTurn();
  }
  const weightOf = (token: string) => Math.log(ids.length / (postings.get(token)?.length ?? ids.length));
  const squares = new Float64Array(ids.length);
  for (const [token, items] of postings) for (const i of items) squares[i]! += weightOf(token) ** 2;
  return {
    like(item) {
      const sums = new Map<number, number>();
      let own = 0;
      for (const token of tokensOf(item)) {
        const squared = weightOf(token) ** 2;
        own += squared;
        if (squared > 0) for (const i of postings.get(token)!) sums.set(i, (sums.get(i) ?? 0) + squared);
      }
      return [...sums]
        .map(([i, sum]) => ({ itemId: ids[i]!, score: sum / Math.sqrt(own * squares[i]!) }))
        .filter(({ itemId }) => itemId !== item.itemId)
        .sort((a, b) => b.score - a.score);
    },
  };
}

/** The words of an item with their fields; numbers in vectors are no words. */
function tokensOf(item: StoredItem): Set<string> {
  const tokens = new Set<string>();
  for (const field of fieldsOf(item)) {
    const value = saidIn(item, field);
    if (!value || value.kind === 'vector') continue;
    for (const token of value.tokens) tokens.add(`${field} ${token}`);
  }
  return tokens;
}
