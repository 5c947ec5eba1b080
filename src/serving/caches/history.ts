import type { EventMeaning } from '../../domain/data/event-meaning.ts';
import { amountOf, createJudge } from '../../domain/data/meaning.ts';
import { type Installed, meaningNow, usuallyMeant, type Weighting } from '../../domain/data/weighting.ts';
import type { Disliked } from '../../scoring/disliked.ts';
import type { RowIndex } from '../../scoring/row-index.ts';
import { MAX_HISTORY } from '../../scoring/user-vector.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import { itemsInOrder } from './history-order.ts';
import { createTold, NONE } from './told.ts';

/** Interactions of a user that are read at all, the newest ones: what lies beyond is neither folded nor left out. */
export const MOST_ROWS = 20_000;

/** A history in columns, which the next call overwrites. */
export interface KeptHistory {
  length: number;
  /** Places in `texts`. */
  items: Int32Array;
  types: Int32Array;
  /** NaN where there is none. */
  values: Float64Array;
  timestamps: Float64Array;
  /** Grows; another one from when everything was numbered anew. */
  texts: readonly string[];
}

/** Views that the next call overwrites. */
export interface FoldedHistory {
  /** Distinct rows of the newest items that are liked, the newest first. */
  rows: Int32Array;
  /** One per row: how much the liking counts, by the newest word of the user. */
  weights: Float32Array;
  /** Every row that lists for the user leave out, whether it counts or not, once each; what is disliked among them. */
  seen: Int32Array;
  /** Rows of items that the user dislikes, the newest first, and how much each moves the vector: 0 for low ratings. */
  disliked: Disliked;
}

/** Items that the model does not know are ignored. */
export type HistoryFold = (
  history: readonly HistoryRow[] | KeptHistory,
  now: number,
  /** Only these types make an item seen. */
  seenTypes?: ReadonlySet<string>,
) => FoldedHistory;

export interface FoldOptions {
  /** True: weights are the ratings themselves; of an item that was rated twice the newest counts. */
  rated?: boolean;
  /** Distinct items that are folded. */
  most?: number;
  /** Meanings of types that the model never saw, and of those that are disliking by now. */
  installed?: () => Installed;
  /** Called where that has changed: what was folded before is out of date. */
  onChange?: () => void;
}

/**
 * Folds histories with the arithmetic of training, see dataset/judged-rows.ts.
 * @param rowOf item id -> row
 */
export function createHistoryFold(
  rowOf: RowIndex,
  weighting: Weighting,
  { rated = false, most = MAX_HISTORY, installed = () => usuallyMeant, onChange }: FoldOptions = {},
): HistoryFold {
  const longest = Math.min(most, rowOf.size);
  const { rows, weights } = createRoom(longest);
  const disliked = createRoom(longest);
  const seen = new Int32Array(rowOf.size);
  const told = createTold(rowOf.size);
  const judge = createJudge({ halfLifeDays: weighting.halfLifeDays });
  const rowOfNumber = createNumberedRows(rowOf);
  const meaningOf = createMeanings(weighting, installed, onChange);

  function judgeItem(history: readonly HistoryRow[] | KeptHistory, row: number, now: number) {
    judge.begin(now);
    for (let i = told.oldest(row); i !== NONE; i = told.newer(i)) hear(history, i);
    return judge.judgement();
  }

  /** Makes the judge hear a row, and says whether the row for itself is liking. */
  function hear(history: readonly HistoryRow[] | KeptHistory, i: number): boolean {
    const { type, value, timestamp } = factAt(history, i);
    const meaning = meaningOf(type);
    judge.hear({ meaning, value, timestamp });
    return isLiking(meaning, value);
  }

  /** True where the user said so in words. A low rating of what somebody chose says little against items like it. */
  function isNamed(history: readonly HistoryRow[] | KeptHistory, row: number): boolean {
    for (let i = told.oldest(row); i !== NONE; i = told.newer(i))
      if (meaningOf(factAt(history, i).type)?.meaning === 'negative') return true;
    return false;
  }

  function newestRating(history: readonly HistoryRow[] | KeptHistory, row: number): number | null {
    let rating: number | null = null;
    for (let i = told.oldest(row); i !== NONE; i = told.newer(i)) {
      const { type, value } = factAt(history, i);
      if (isRating(meaningOf(type), value)) rating = value;
    }
    return rating;
  }

  return (history, now, seenTypes) => {
    meaningOf.refresh();
    told.begin();
    for (let i = 0; i < history.length; i++) {
      const row = 'texts' in history ? rowOfNumber(history, i) : (rowOf.get(history[i].itemId) ?? NONE);
      if (row === NONE) continue;
      const { type, value } = factAt(history, i);
      const meaning = meaningOf(type);
      told.add(row, i, isLiking(meaning, value));
      if (seenTypes === undefined ? meaning?.seen : seenTypes.has(type)) told.see(row);
    }
    let [length, dislikes] = [0, 0];
    // The place of a rating is that of the rating.
    for (const row of rated ? told.rows() : itemsInOrder(told, judge, now, (i) => hear(history, i))) {
      const { word, weight } = judgeItem(history, row, now);
      if (word === 'disliked') {
        told.see(row);
        if (!rated && dislikes < longest) {
          disliked.rows[dislikes] = row;
          disliked.weights[dislikes++] = isNamed(history, row) ? weight : 0;
        }
      }
      // What is rated low speaks through its rating.
      const counts = rated ? newestRating(history, row) : word === 'liked' ? weight : null;
      if (counts === null || length === longest || !told.isLiking(row)) continue;
      rows[length] = row;
      weights[length++] = counts;
    }
    return {
      ...firstOf({ rows, weights }, length),
      seen: seen.subarray(0, told.seenInto(seen)),
      disliked: firstOf(disliked, dislikes),
    };
  };
}

const firstOf = ({ rows, weights }: Disliked, length: number): Disliked => ({
  rows: rows.subarray(0, length),
  weights: weights.subarray(0, length),
});

const createRoom = (length: number): Disliked => ({
  rows: new Int32Array(length),
  weights: new Float32Array(length),
});

const isRating = (meaning: EventMeaning | null, value: number | null) =>
  meaning?.meaning === 'positive' && meaning.weight > 0 && value !== null && value !== meaning.scale?.unrated;

const isLiking = (meaning: EventMeaning | null, value: number | null) =>
  meaning !== null && meaning.weight > 0 && amountOf(meaning, value) > 0;

const NOT_ASKED = -2;

/** Meanings of types for a version, looked up once each. */
function createMeanings(weighting: Weighting, installed: () => Installed, onChange?: () => void) {
  let known = installed();
  let meanings = new Map<string, EventMeaning | null>();
  let [lastType, last]: [string | undefined, EventMeaning | null] = [undefined, null];
  const of = (type: string): EventMeaning | null => {
    if (type === lastType) return last;
    let meaning = meanings.get(type);
    if (meaning === undefined) {
      meaning = meaningNow(weighting, type, known);
      meanings.set(type, meaning);
    }
    [lastType, last] = [type, meaning];
    return meaning;
  };
  const refresh = () => {
    const now = installed();
    if (now === known) return;
    known = now;
    meanings = new Map();
    lastType = undefined;
    onChange?.();
  };
  return Object.assign(of, { refresh });
}

function factAt(history: readonly HistoryRow[] | KeptHistory, i: number): Omit<HistoryRow, 'itemId'> {
  if (!('texts' in history)) return history[i];
  const { types, values, timestamps, texts } = history;
  const value = values[i];
  const timestamp = timestamps[i];
  return {
    type: texts[types[i]],
    value: Number.isNaN(value) ? null : value,
    timestamp: Number.isNaN(timestamp) ? null : timestamp,
  };
}

/** The rows of items by the numbers that a cache of histories gives them: each id is looked up once. */
function createNumberedRows(rowOf: RowIndex): (history: KeptHistory, i: number) => number {
  let texts: readonly string[] = [];
  let rows = new Int32Array(0);
  return (history, i) => {
    if (history.texts !== texts) {
      texts = history.texts;
      rows = new Int32Array(0);
    }
    const number = history.items[i];
    if (number >= rows.length) {
      const larger = new Int32Array(Math.max(2 * rows.length, texts.length)).fill(NOT_ASKED, rows.length);
      larger.set(rows);
      rows = larger;
    }
    if (rows[number] === NOT_ASKED) rows[number] = rowOf.get(texts[number]) ?? NONE;
    return rows[number];
  };
}
