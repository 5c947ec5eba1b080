import { interactionWeight, type Weighting } from '../../domain/data/weighting.ts';
import type { RowIndex } from '../../scoring/row-index.ts';
import { MAX_HISTORY } from '../../scoring/user-vector.ts';
import type { HistoryRow } from '../../store/data/contract.ts';

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
  /** Distinct rows of the newest items that count, the newest first. */
  rows: Int32Array;
  /** One per row: the greatest weight among the interactions with that item. */
  weights: Float32Array;
  /** Every row the user has had to do with, whether it counts or not, once each. */
  seen: Int32Array;
}

/** Items that the model does not know are ignored. */
export type HistoryFold = (
  history: readonly HistoryRow[] | KeptHistory,
  now: number,
  /** Only these types make an item seen. */
  seenTypes?: ReadonlySet<string>,
) => FoldedHistory;

/**
 * @param rowOf item id -> row, `items` rows in all
 * @param rated whether weights are the ratings themselves; of an item that was rated twice the newest counts
 * @param most distinct items that are folded
 */
export function createHistoryFold(
  rowOf: RowIndex,
  weighting: Weighting,
  { rated = false, most = MAX_HISTORY }: { rated?: boolean; most?: number } = {},
): HistoryFold {
  const longest = Math.min(most, rowOf.size);
  const rows = new Int32Array(longest);
  const weights = new Float32Array(longest);
  const seen = new Int32Array(rowOf.size);
  // Which call has last come upon a row, and which has counted it as seen: no clearing is needed.
  const found = new Uint32Array(rowOf.size);
  const seenIn = new Uint32Array(rowOf.size);
  /** Place of a row in `rows`, once it is found. */
  const slot = new Int32Array(rowOf.size);
  let call = 0;

  const rowOfNumber = createNumberedRows(rowOf);
  let length = 0;
  let seenLength = 0;

  function take(
    row: number,
    { type, value, timestamp }: Omit<HistoryRow, 'itemId'>,
    now: number,
    seenTypes: ReadonlySet<string> | undefined,
  ): void {
    if (found[row] !== call) {
      found[row] = call;
      slot[row] = NONE;
    }
    if (seenIn[row] !== call && (seenTypes === undefined || seenTypes.has(type))) {
      seenIn[row] = call;
      seen[seenLength++] = row;
    }
    const at = slot[row];
    // An older interaction with an item that is folded may weigh more; other items are too old by now.
    if (at === NONE ? length === longest : rated) return;
    const weight = interactionWeight(weighting, type, value, timestamp, now);
    if (!(weight > 0) || (rated && value === null)) return;
    if (at !== NONE) {
      weights[at] = Math.max(weights[at], weight);
      return;
    }
    slot[row] = length;
    rows[length] = row;
    weights[length++] = rated ? value! : weight;
  }

  return (history, now, seenTypes) => {
    length = 0;
    seenLength = 0;
    if (++call > LAST_CALL) {
      found.fill(0);
      seenIn.fill(0);
      call = 1;
    }
    for (let i = 0; i < history.length; i++) {
      const row = 'texts' in history ? rowOfNumber(history, i) : (rowOf.get(history[i].itemId) ?? NONE);
      if (row === NONE) continue;
      const fact = 'texts' in history ? factOf(history, i) : history[i];
      take(row, fact, now, seenTypes);
    }
    return {
      rows: rows.subarray(0, length),
      weights: weights.subarray(0, length),
      seen: seen.subarray(0, seenLength),
    };
  };
}

const LAST_CALL = 2 ** 32 - 1;
const NONE = -1;
const NOT_ASKED = -2;

function factOf({ types, values, timestamps, texts }: KeptHistory, i: number): Omit<HistoryRow, 'itemId'> {
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
