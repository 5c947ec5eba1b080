import type { WeighedColumns } from './columns.ts';
import type { NamedPairs } from './core.ts';
import { newestOf, type Repeats } from './newest-rows.ts';
import type { DenseIds } from './row-columns.ts';
import { placesInTime } from './split/places.ts';

export interface PairOptions {
  /** True: the matrix also says in which order each user came to the items, the newest time of each counting. */
  inOrder?: boolean;
  /** True: of a repeated pair only the newest interaction counts, as of ratings. */
  newestCounts?: boolean;
}

/** Counting sort by user, then each user's rows by item; repeated pairs fall together. */
export function toPairs(
  columns: WeighedColumns,
  users: DenseIds,
  items: DenseIds,
  { inOrder, newestCounts = false }: PairOptions = {},
): NamedPairs {
  const { length, itemKey } = columns;
  const { order, start } = rowsByUser(columns, users);
  const indptr = new Int32Array(users.ids.length + 1);
  const indices = new Int32Array(length);
  const values = new Float32Array(length);
  const firstSeen = new Float64Array(length);
  const arrival = new Int32Array(length);
  const part = columns.part && new Uint8Array(length);
  /** Rows of repeated pairs, and their positions. */
  const repeated = { rows: new Int32Array(length), positions: new Int32Array(length), count: 0 };
  let n = 0;
  for (let u = 0; u < users.ids.length; u++) {
    const rows = order.subarray(start[u]!, start[u + 1]!);
    const itemOf = (row: number) => items.dense[itemKey[row]!]!;
    rows.sort((a, b) => itemOf(a) - itemOf(b));
    for (let from = 0; from < rows.length; n++) {
      const item = itemOf(rows[from]!);
      let to = from + 1;
      while (to < rows.length && itemOf(rows[to]!) === item) to++;
      const counted = rows.subarray(from, to);
      const row = newestCounts ? newestRow(columns, counted) : firstRow(columns, counted);
      indices[n] = item;
      values[n] = columns.weight[row]!;
      firstSeen[n] = columns.timestamp[row]!;
      arrival[n] = columns.arrival[row]!;
      if (part) part[n] = columns.part![row]!;
      if (!newestCounts && counted.length > 1) {
        for (const other of oldestFirst(columns, counted)) {
          values[n] = columns.weight[other]!;
          repeated.positions[repeated.count] = n;
          repeated.rows[repeated.count++] = other;
        }
      }
      from = to;
    }
    indptr[u + 1] = n;
  }
  const pairs: NamedPairs = {
    users: users.ids,
    items: items.ids,
    matrix: {
      rows: users.ids.length,
      columns: items.ids.length,
      indptr,
      indices: indices.slice(0, n),
      values: values.slice(0, n),
    },
    firstSeen: firstSeen.slice(0, n),
    arrival: arrival.slice(0, n),
    ...(part && { part: part.slice(0, n) }),
    ...(repeated.count > 0 && { repeats: repeatsOf(columns, repeated) }),
  };
  if (inOrder) {
    const newest = newestOf(pairs);
    pairs.matrix.order = placesInTime(pairs.matrix, newest.time, newest.arrival!);
  }
  return pairs;
}

/** Rows by user, of one user in the order of storage. */
function rowsByUser({ length, userKey }: WeighedColumns, users: DenseIds) {
  const start = new Int32Array(users.ids.length + 1);
  for (let i = 0; i < length; i++) start[users.dense[userKey[i]!]! + 1]!++;
  for (let u = 0; u < users.ids.length; u++) start[u + 1]! += start[u]!;
  const order = new Int32Array(length);
  const cursor = start.slice();
  for (let i = 0; i < length; i++) order[cursor[users.dense[userKey[i]!]!]!++] = i;
  return { order, start };
}

/** The row of the earliest time; one without a time only where none has any. */
function firstRow({ timestamp }: WeighedColumns, rows: Int32Array): number {
  let first = rows[0]!;
  for (const row of rows)
    if (timestamp[row]! < timestamp[first]! || Number.isNaN(timestamp[first]!)) {
      if (!Number.isNaN(timestamp[row]!)) first = row;
    }
  return first;
}

/** The row that a live history shows first: of the newest time, of equal ones the one that was stored last. */
function newestRow({ timestamp }: WeighedColumns, rows: Int32Array): number {
  let newest = rows[0]!;
  for (const row of rows) if (!(ageless(timestamp[row]!) < ageless(timestamp[newest]!))) newest = row;
  return newest;
}

/** Rows without a time are the oldest. */
const ageless = (time: number) => (Number.isNaN(time) ? -1 : time);

/** Gives the rows of one pair different times, so that the order of storage leaves no trace in their hash. */
function oldestFirst({ timestamp }: WeighedColumns, rows: Int32Array): Int32Array {
  return rows.slice().sort((a, b) => ageless(timestamp[a]!) - ageless(timestamp[b]!));
}

function repeatsOf(
  { timestamp, weight, arrival }: WeighedColumns,
  found: { rows: Int32Array; positions: Int32Array; count: number },
): Repeats {
  const rows = found.rows.subarray(0, found.count);
  return {
    position: found.positions.slice(0, found.count),
    time: Float64Array.from(rows, (row) => timestamp[row]!),
    weight: Float32Array.from(rows, (row) => weight[row]!),
    arrival: rows.map((row) => arrival[row]!),
  };
}
