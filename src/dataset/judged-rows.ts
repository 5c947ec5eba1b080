import type { EventMeaning } from '../domain/data/event-meaning.ts';
import { amountOf, createJudge, weightOfAmount } from '../domain/data/meaning.ts';
import { createRows, type RowColumns } from './row-columns.ts';

/** Rows of which somebody said what they mean, with all that their meaning needs. */
export interface SaidRows extends RowColumns {
  typeKey: Int32Array;
  /** NaN where there is none. */
  value: Float64Array;
}

export interface WeighedRows extends RowColumns {
  weight: Float32Array;
  /** The part that each row's type puts it in, see split-parts.ts; only where types are held out. */
  part?: Uint8Array;
}

export interface DislikedRows extends WeighedRows {
  /** How much each dislike moves the vector of its user: its weight where it was said in words, and 0 for low ratings. */
  moves: Float32Array;
}

/** Judgements of rows, pair by pair. */
export interface JudgedRows {
  /** Rows of pairs that are liked: each with the weight of the pair once the row had come, so that the last one has its weight. */
  counted: WeighedRows;
  /** Rows of pairs that are not liked and that make their item seen. */
  uncounted: RowColumns;
  /** One row of each pair that is disliked, with the weight of the dislike and its time. */
  disliked: DislikedRows;
  /** Rows that are no part of a pair that is liked. */
  notLiked: number;
}

export interface JudgingOptions {
  meaningOf(typeKey: number): EventMeaning | null;
  halfLifeDays: number | null;
  /** True if rows of the type, where its pair does not count, make the item seen. */
  isSeen(typeKey: number): boolean;
  /** The part of each type; of a pair only rows of the least part that has liking count. */
  partOf?: ((typeKey: number) => number) | undefined;
}

/** Says of every user and item what all rows of them come to: the newest word counts, or what their types declare. */
export function judgeRows(rows: SaidRows, options: JudgingOptions): JudgedRows {
  const { order, start } = byKey(rows.userKey, rows.length);
  const found = collectors(options.partOf !== undefined);
  const judgePair = createPairJudge(rows, options, found);
  const { itemKey, timestamp, arrival } = rows;
  for (let user = 0; user + 1 < start.length; user++) {
    const own = order.subarray(start[user]!, start[user + 1]!);
    if (own.length > 1)
      own.sort(
        (a, b) =>
          itemKey[a]! - itemKey[b]! ||
          timeOf(timestamp[a]!) - timeOf(timestamp[b]!) ||
          arrival[a]! - arrival[b]!,
      );
    for (let from = 0; from < own.length; ) {
      let to = from + 1;
      while (to < own.length && itemKey[own[to]!] === itemKey[own[from]!]) to++;
      judgePair(own.subarray(from, to));
      from = to;
    }
  }
  return found.take();
}

/** Rows without a time are the oldest, as they are in a live history. */
function timeOf(time: number): number {
  return Number.isNaN(time) ? -1 : time;
}

// Long because its steps share one judge and the columns of the rows.
function createPairJudge(
  rows: SaidRows,
  { meaningOf, halfLifeDays, isSeen, partOf }: JudgingOptions,
  found: ReturnType<typeof collectors>,
): (pair: Int32Array) => void {
  const { typeKey, value, timestamp, length } = rows;
  const amountAt = (row: number) => amountOf(meaningOf(typeKey[row]!)!, orNull(value[row]!));
  const isLiking = (row: number) => amountAt(row) > 0 && meaningOf(typeKey[row]!)!.weight > 0;
  const judge = createJudge({ halfLifeDays, now: halfLifeDays === null ? 0 : newestLiking() });
  const hear = (row: number) =>
    judge.hear({
      meaning: meaningOf(typeKey[row]!),
      value: orNull(value[row]!),
      timestamp: orNull(timestamp[row]!),
    });

  function newestLiking(): number {
    let newest = 0;
    for (let i = 0; i < length; i++) if (timestamp[i]! > newest && isLiking(i)) newest = timestamp[i]!;
    return newest;
  }

  /** Rows that say that a pair is disliked make its item seen, whatever their type; what came before, such as an impression, does not. */
  function keepSeen(pair: Int32Array, isDisliked: boolean): void {
    for (const row of pair) {
      found.notLiked();
      const isSeenByType = isSeen(typeKey[row]!) && meaningOf(typeKey[row]!)!.seen;
      if (isSeenByType || (isDisliked && amountAt(row) < 0)) found.uncounted(rows, row);
    }
  }

  /** Most pairs came up once. */
  function judgeOne(pair: Int32Array): void {
    const row = pair[0]!;
    const meaning = meaningOf(typeKey[row]!)!;
    const amount = amountAt(row);
    if (halfLifeDays === null && amount > 0 && meaning.weight > 0) {
      found.counted(rows, row, weightOfAmount(meaning, amount), partOf?.(typeKey[row]!));
    } else judgeAll(pair);
  }

  function judgeAll(pair: Int32Array): void {
    judge.begin();
    for (const row of pair) hear(row);
    const { word, weight } = judge.judgement();
    if (word === 'disliked') {
      const last = pair.findLast((row) => amountAt(row) < 0)!;
      const isNamed = pair.some((row) => meaningOf(typeKey[row]!)!.meaning === 'negative');
      found.disliked(rows, last, weight, isNamed);
      keepSeen(pair, true);
      return;
    }
    // So old that it weighs nothing.
    if (word === 'neither' || Math.fround(weight) === 0) {
      keepSeen(pair, false);
      return;
    }
    keepLiked(pair);
  }

  function keepLiked(pair: Int32Array): void {
    const told = partOf ? rowsOfLeastPart(pair, partOf) : pair;
    const part = partOf && Math.min(...Array.from(told, (row) => partOf(typeKey[row]!)));
    for (const { row, weight } of likedRows(told)) found.counted(rows, row, weight, part);
  }

  /** Rows of kinds whose liking is of the least part: held out as well as trained on they would be a test of memory. */
  function rowsOfLeastPart(pair: Int32Array, part: (typeKey: number) => number): Int32Array {
    const liking = pair.filter(isLiking);
    const least = Math.min(...Array.from(liking, (row) => part(typeKey[row]!)));
    const kinds = new Set<string>();
    for (const row of liking) if (part(typeKey[row]!) === least) kinds.add(meaningOf(typeKey[row]!)!.kind);
    const own = pair.filter((row) => {
      const isOther = amountAt(row) > 0 && part(typeKey[row]!) !== least;
      return !isOther && kinds.has(meaningOf(typeKey[row]!)!.kind);
    });
    return own;
  }

  /** The rows since the pair has been liked that say so again, or change how much; of one moment the last. What weighs nothing says nothing. */
  function likedRows(pair: Int32Array): { row: number; weight: number }[] {
    let liked: { row: number; weight: number }[] = [];
    judge.begin();
    for (const row of pair) {
      hear(row);
      const { word, weight } = judge.judgement();
      const before = liked.at(-1);
      if (word !== 'liked') liked = [];
      else if (!before || isLiking(row) || weight !== before.weight) {
        const isSameMoment = before && timeOf(timestamp[row]!) === timeOf(timestamp[before.row]!);
        if (isSameMoment) liked[liked.length - 1] = { row, weight };
        else liked.push({ row, weight });
      }
    }
    return liked;
  }

  return (pair) => (pair.length === 1 ? judgeOne(pair) : judgeAll(pair));
}

const orNull = (number: number) => (Number.isNaN(number) ? null : number);

function collectors(hasParts: boolean) {
  const counted = weighed(hasParts);
  const uncounted = createRows();
  const disliked = weighed(true);
  let notLiked = 0;
  return {
    counted: counted.add,
    disliked: (rows: RowColumns, row: number, weight: number, isNamed: boolean) =>
      disliked.add(rows, row, weight, Number(isNamed)),
    uncounted: (rows: RowColumns, row: number) => void uncounted.add(rows, row, rows.arrival[row]!),
    notLiked: () => void notLiked++,
    take: (): JudgedRows => ({
      counted: counted.columns(),
      uncounted: uncounted.columns(),
      disliked: withMoves(disliked.columns()),
      notLiked,
    }),
  };
}

function withMoves({ part, ...rows }: WeighedRows): DislikedRows {
  return { ...rows, moves: rows.weight.map((weight, i) => weight * part![i]!) };
}

function weighed(hasParts: boolean) {
  const rows = createRows();
  let weights = new Float32Array(rows.capacity());
  let parts = hasParts ? new Uint8Array(rows.capacity()) : undefined;
  return {
    add(from: RowColumns, row: number, weight: number, part = 0): void {
      const at = rows.add(from, row, from.arrival[row]!);
      if (at >= weights.length) {
        weights = grown(weights, new Float32Array(rows.capacity()));
        parts = parts && grown(parts, new Uint8Array(rows.capacity()));
      }
      weights[at] = weight;
      if (parts) parts[at] = part;
    },
    columns: (): WeighedRows => ({ ...rows.columns(), weight: weights, ...(parts && { part: parts }) }),
  };
}

function grown<T extends Uint8Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Rows by their key, of one key in their own order. */
function byKey(key: Int32Array, length: number): { order: Int32Array; start: Int32Array } {
  let max = -1;
  for (let i = 0; i < length; i++) if (key[i]! > max) max = key[i]!;
  const start = new Int32Array(max + 2);
  for (let i = 0; i < length; i++) start[key[i]! + 1]!++;
  for (let k = 0; k <= max; k++) start[k + 1]! += start[k]!;
  const order = new Int32Array(length);
  const cursor = start.slice();
  for (let i = 0; i < length; i++) order[cursor[key[i]!]!++] = i;
  return { order, start };
}
