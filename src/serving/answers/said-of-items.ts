import { createJudge } from '../../domain/data/meaning.ts';
import { type Installed, meaningIn, type Weighting } from '../../domain/data/weighting.ts';
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
  const rowsOf = new Map<string, number[]>();
  for (let i = history.length - 1; i >= 0; i--) {
    const { itemId } = history[i]!;
    const rows = rowsOf.get(itemId);
    if (rows) rows.push(i);
    else rowsOf.set(itemId, [i]);
  }
  const seen = new Set<string>();
  const disliked = new Set<string>();
  const judge = createJudge();
  for (const [itemId, rows] of rowsOf) {
    judge.begin();
    for (const i of rows) {
      const { type, value, timestamp } = history[i]!;
      const meaning = weighting ? meaningIn(weighting, type, installed) : installed(type);
      judge.hear({ meaning, value, timestamp });
    }
    const said = judge.judgement();
    if (said.word === 'disliked') disliked.add(itemId);
    if (types ? rows.some((i) => types.has(history[i]!.type)) : said.seen) seen.add(itemId);
  }
  return { seen, disliked };
}
