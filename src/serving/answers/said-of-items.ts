import { amountOf, createJudge } from '../../domain/data/meaning.ts';
import { type Installed, meaningNow, type Weighting } from '../../domain/data/weighting.ts';
import type { HistoryRow } from '../../store/data/contract.ts';

/** Items by what a user said of them, whether a model knows them or not. */
export interface SaidOfItems {
  /** Left out of lists, unless they are asked for. */
  seen: ReadonlySet<string>;
  /** Never shown. */
  disliked: ReadonlySet<string>;
}

/**
 * @param history newest first
 * @param types only these make an item seen; undefined for what the types' meanings say
 * @param weighting of the model that answers, if one does
 */
export function saidOfItems(
  history: readonly HistoryRow[],
  types: ReadonlySet<string> | undefined,
  installed: Installed,
  weighting: Weighting | undefined,
): SaidOfItems {
  const meaningOf = createMeanings(installed, weighting);
  const seen = new Set<string>();
  /** Items of which something was said that is no praise; of nearly all histories there are none. */
  const doubted = new Set<string>();
  for (const { itemId, type, value } of history) {
    const meaning = meaningOf(type);
    if (types ? types.has(type) : meaning?.seen) seen.add(itemId);
    if (meaning && amountOf(meaning, value) < 0) doubted.add(itemId);
  }
  const disliked = dislikedOf(history, doubted, meaningOf);
  if (!types) for (const itemId of disliked) seen.add(itemId);
  return { seen, disliked };
}

/** Meanings of types for a model, or without one for the installation; looks each type up once. */
export function createMeanings(installed: Installed, weighting: Weighting | undefined): Installed {
  const find: Installed = (type) => (weighting ? meaningNow(weighting, type, installed) : installed(type));
  const known = new Map<string, ReturnType<Installed>>();
  return (type) => {
    let meaning = known.get(type);
    if (meaning === undefined) {
      meaning = find(type);
      known.set(type, meaning);
    }
    return meaning;
  };
}

/** Those of the doubted items that are disliked, when all was said. */
function dislikedOf(
  history: readonly HistoryRow[],
  doubted: ReadonlySet<string>,
  meaningOf: Installed,
): ReadonlySet<string> {
  const rowsOf = new Map<string, number[]>();
  for (const itemId of doubted) rowsOf.set(itemId, []);
  if (doubted.size > 0) for (let i = history.length - 1; i >= 0; i--) rowsOf.get(history[i]!.itemId)?.push(i);
  const disliked = new Set<string>();
  const judge = createJudge();
  for (const [itemId, rows] of rowsOf) {
    judge.begin();
    for (const i of rows) {
      const { type, value, timestamp } = history[i]!;
      judge.hear({ meaning: meaningOf(type), value, timestamp });
    }
    if (judge.judgement().word === 'disliked') disliked.add(itemId);
  }
  return disliked;
}
