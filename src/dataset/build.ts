import { createHash } from 'node:crypto';
import { problem } from '../core/errors.ts';
import { MIN_INTERACTIONS, MIN_ITEMS, MIN_USERS } from '../domain/base/data-minimum.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import { type HeldOutTypes, readColumns, type WeighedColumns, type Weigher } from './columns.ts';
import { keepCore, type NamedPairs } from './core.ts';
import { createRowFilter, type DataFilter, type LeftOut } from './filter.ts';
import type { Csr } from './matrix.ts';
import { placesInTime } from './split/places.ts';

/** Users and items are dense integers, in the order of their ids; the order of storage leaves no trace. */
export interface Dataset extends NamedPairs {
  /** [users, items] weight of each pair: the greatest of its interactions. */
  matrix: Csr;
  /** [nnz] milliseconds of each pair's first interaction, NaN where none has a time. */
  firstSeen: Float64Array;
  /** [nnz] the part that each pair's type puts it in; only where types are held out, see split-parts.ts. */
  part?: Uint8Array;
  /** SHA-256 of ids, pairs, weights and times, and of the order where it counts. */
  hash: string;
}

export interface BuildOptions {
  heldOut?: HeldOutTypes | undefined;
  filter?: DataFilter;
  /** True: the matrix also says in which order each user came to the items. */
  inOrder?: boolean;
  /** Rates pairs instead of weighing them. Of a pair that was rated twice the newest rating counts, with its time. */
  rate?: Weigher;
}

/**
 * @param source one snapshot
 * @throws problem('not-enough-data') that says what there is and what is enough, and, where order counts, for a pair
 *   without a time
 */
export async function buildDataset(
  source: InteractionSource,
  weighting: Weighting,
  { heldOut, filter = {}, inOrder = false, rate }: BuildOptions = {},
): Promise<Dataset> {
  const names = { users: await source.dictionary('users'), items: await source.dictionary('items') };
  const rowFilter = createRowFilter(filter, names.users, names.items);
  const columns = await readColumns(source, weighting, rowFilter, heldOut, rate);
  const { users, items } = denseIdsOf([columns], names);
  const all = toPairs(columns, users, items, { inOrder, newestCounts: rate !== undefined });
  const { perUser = 1, perItem = 1 } = filter.minInteractions ?? {};
  const pairs = perUser > 1 || perItem > 1 ? keepCore(all, { perUser, perItem }) : all;
  const minInteractions = all.matrix.indices.length - pairs.matrix.indices.length;
  refuseTooLittle(pairs, { ...columns.leftOut, minInteractions }, weighting);
  if (inOrder) refuseTimeless(pairs);
  return { ...pairs, hash: hashOfPairs(pairs) };
}

export interface DenseIds {
  ids: string[];
  /** key -> dense integer, -1 where the key does not occur. */
  dense: Int32Array;
}

/** Dense ids of everything that occurs in any of the columns. */
export function denseIdsOf(
  columns: readonly WeighedColumns[],
  names: { users: Map<number, string>; items: Map<number, string> },
): { users: DenseIds; items: DenseIds } {
  const keys = (of: 'userKey' | 'itemKey') => columns.map((c) => c[of].subarray(0, c.length));
  return { users: denseIds(keys('userKey'), names.users), items: denseIds(keys('itemKey'), names.items) };
}

function denseIds(columns: readonly Int32Array[], dictionary: Map<number, string>): DenseIds {
  let max = 0;
  for (const keys of columns) for (const key of keys) if (key > max) max = key;
  const dense = new Int32Array(max + 1).fill(-1);
  const used: [string, number][] = [];
  for (const keys of columns) {
    for (const key of keys) {
      if (dense[key] !== -1) continue;
      dense[key] = 0;
      used.push([dictionary.get(key)!, key]);
    }
  }
  used.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  for (let d = 0; d < used.length; d++) dense[used[d]![1]] = d;
  return { ids: used.map(([id]) => id), dense };
}

/** Counting sort by user, then each user's rows by item; repeated pairs fall together. */
export function toPairs(
  columns: WeighedColumns,
  users: DenseIds,
  items: DenseIds,
  how: { inOrder?: boolean; newestCounts?: boolean } = {},
): NamedPairs {
  const { length, userKey, itemKey } = columns;
  const start = new Int32Array(users.ids.length + 1);
  for (let i = 0; i < length; i++) start[users.dense[userKey[i]!]! + 1]!++;
  for (let u = 0; u < users.ids.length; u++) start[u + 1]! += start[u]!;
  const order = new Int32Array(length);
  const cursor = start.slice();
  for (let i = 0; i < length; i++) order[cursor[users.dense[userKey[i]!]!]!++] = i;

  const indptr = new Int32Array(users.ids.length + 1);
  const indices = new Int32Array(length);
  const values = new Float32Array(length);
  const firstSeen = new Float64Array(length);
  /** Which interaction is each pair's first, counted as they were stored. */
  const arrival = new Int32Array(length);
  const part = columns.part && new Uint8Array(length);
  let n = 0;
  for (let u = 0; u < users.ids.length; u++) {
    const rows = order.subarray(start[u]!, start[u + 1]!);
    rows.sort((a, b) => items.dense[itemKey[a]!]! - items.dense[itemKey[b]!]!);
    for (const row of rows) {
      const item = items.dense[itemKey[row]!]!;
      const weight = columns.weight[row]!;
      const time = columns.timestamp[row]!;
      const mine = columns.part?.[row] ?? 0;
      const again = n > indptr[u]! && indices[n - 1] === item;
      const other = again && part ? part[n - 1]! : mine;
      // What is trained on is not held out as well: it would be masked, or a test of memory.
      if (again && mine > other) continue;
      const isNewer = how.newestCounts && again && !(time < firstSeen[n - 1]!);
      if (isNewer) {
        values[n - 1] = weight;
        firstSeen[n - 1] = time;
      } else if (again && mine === other) {
        if (how.newestCounts) continue;
        values[n - 1] = Math.max(values[n - 1]!, weight);
        // Rows come in the order of their arrival, so that of equal times the first is there already.
        if (earlier(firstSeen[n - 1]!, time) !== firstSeen[n - 1]!) arrival[n - 1] = row;
        firstSeen[n - 1] = earlier(firstSeen[n - 1]!, time);
      } else {
        if (again) n--;
        indices[n] = item;
        values[n] = weight;
        if (part) part[n] = mine;
        arrival[n] = row;
        firstSeen[n++] = time;
      }
    }
    indptr[u + 1] = n;
  }
  const matrix: Csr = {
    rows: users.ids.length,
    columns: items.ids.length,
    indptr,
    indices: indices.slice(0, n),
    values: values.slice(0, n),
  };
  if (how.inOrder) matrix.order = placesInTime(matrix, firstSeen, arrival);
  const pairs = { users: users.ids, items: items.ids, matrix, firstSeen: firstSeen.slice(0, n) };
  return part ? { ...pairs, part: part.slice(0, n) } : pairs;
}

function earlier(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}

function refuseTooLittle({ users, items, matrix }: NamedPairs, leftOut: LeftOut, weighting: Weighting): void {
  const pairs = matrix.indices.length;
  if (users.length >= MIN_USERS && items.length >= MIN_ITEMS && pairs >= MIN_INTERACTIONS) return;
  const reasons = [
    [leftOut.weighting, `by the weighting ${JSON.stringify(weighting)}`],
    [leftOut.time, 'by dataset.since and until'],
    [leftOut.sample, 'by dataset.sample'],
    [leftOut.minInteractions, 'as pairs by dataset.minInteractions'],
  ] as const;
  const left = reasons
    .filter(([count]) => count > 0)
    .map(([count, reason]) => `${count} interactions were left out ${reason}`)
    .join(', ');
  throw problem(
    'not-enough-data',
    `There are ${users.length} users, ${items.length} items and ${pairs} user-item pairs that count` +
      `${left && ` (${left})`}; ` +
      `at least ${MIN_USERS} users, ${MIN_ITEMS} items and ${MIN_INTERACTIONS} pairs are needed`,
  );
}

function refuseTimeless({ users, items, matrix, firstSeen }: NamedPairs): void {
  const first = firstSeen.findIndex(Number.isNaN);
  if (first < 0) return;
  const count = firstSeen.reduce((sum, time) => sum + Number(Number.isNaN(time)), 0);
  const user = matrix.indptr.findIndex((start) => start > first) - 1;
  const pair = `user ${JSON.stringify(users[user])} and item ${JSON.stringify(items[matrix.indices[first]!])}`;
  throw problem(
    'not-enough-data',
    `The task sequential needs to know in which order things happened: ${count} of ${firstSeen.length} user-item pairs have no timestamp, the first is ${pair}. Send these interactions with a timestamp, or leave their type out of dataset.types`,
  );
}

/** Returns the hash of pairs with their ids, times and parts. */
export function hashOfPairs(data: NamedPairs): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(data.users)).update(JSON.stringify(data.items));
  const { indptr, indices, values, order } = data.matrix;
  const optional = [data.part, order].filter((column) => column !== undefined);
  for (const column of [indptr, indices, values, data.firstSeen, ...optional])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex');
}
