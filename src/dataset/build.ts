import { createHash } from 'node:crypto';
import { problem } from '../core/errors.ts';
import { MIN_INTERACTIONS, MIN_ITEMS, MIN_USERS } from '../domain/data-minimum.ts';
import type { InteractionSource } from '../domain/interaction-source.ts';
import type { Weighting } from '../domain/weighting.ts';
import { type HeldOutTypes, readColumns, type WeighedColumns } from './columns.ts';
import type { Csr } from './matrix.ts';

/** Users and items are dense integers, in the order of their ids; the order of storage leaves no trace. */
export interface Dataset {
  users: string[];
  items: string[];
  /** [users, items] weight of each pair: the greatest of its interactions. */
  matrix: Csr;
  /** [nnz] milliseconds of each pair's first interaction, NaN where none has a time. */
  firstSeen: Float64Array;
  /** [nnz] the part that each pair's type puts it in; only where types are held out, see split-parts.ts. */
  part?: Uint8Array;
  /** SHA-256 of ids, pairs, weights and times. */
  hash: string;
}

/**
 * @throws problem('not-enough-data') that says what there is and what is enough
 */
export async function buildDataset(
  source: InteractionSource,
  weighting: Weighting,
  heldOut?: HeldOutTypes,
): Promise<Dataset> {
  const columns = await readColumns(source, weighting, heldOut);
  const users = denseIds(columns.userKey, columns.length, await source.dictionary('users'));
  const items = denseIds(columns.itemKey, columns.length, await source.dictionary('items'));
  const { matrix, firstSeen, part } = toPairs(columns, users, items);
  refuseTooLittle(users.ids.length, items.ids.length, matrix.indices.length, columns.dropped, weighting);
  const dataset = { users: users.ids, items: items.ids, matrix, firstSeen, part };
  return { ...dataset, hash: hashOf(dataset) };
}

interface DenseIds {
  ids: string[];
  /** key -> dense integer, -1 where the key does not occur. */
  dense: Int32Array;
}

function denseIds(keys: Int32Array, length: number, dictionary: Map<number, string>): DenseIds {
  let max = 0;
  for (let i = 0; i < length; i++) if (keys[i]! > max) max = keys[i]!;
  const dense = new Int32Array(max + 1).fill(-1);
  const used: [string, number][] = [];
  for (let i = 0; i < length; i++) {
    const key = keys[i]!;
    if (dense[key] !== -1) continue;
    dense[key] = 0;
    used.push([dictionary.get(key)!, key]);
  }
  used.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  for (let d = 0; d < used.length; d++) dense[used[d]![1]] = d;
  return { ids: used.map(([id]) => id), dense };
}

/** Counting sort by user, then each user's rows by item; repeated pairs fall together. */
function toPairs(columns: WeighedColumns, users: DenseIds, items: DenseIds) {
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
      if (again && mine === other) {
        values[n - 1] = Math.max(values[n - 1]!, weight);
        firstSeen[n - 1] = earlier(firstSeen[n - 1]!, time);
      } else {
        if (again) n--;
        indices[n] = item;
        values[n] = weight;
        if (part) part[n] = mine;
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
  return { matrix, firstSeen: firstSeen.slice(0, n), part: part?.slice(0, n) };
}

function earlier(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}

function refuseTooLittle(users: number, items: number, pairs: number, dropped: number, weighting: Weighting) {
  if (users >= MIN_USERS && items >= MIN_ITEMS && pairs >= MIN_INTERACTIONS) return;
  const left =
    dropped > 0
      ? ` (${dropped} interactions were left out by the weighting ${JSON.stringify(weighting)})`
      : '';
  throw problem(
    'not-enough-data',
    `There are ${users} users, ${items} items and ${pairs} user-item pairs that count${left}; ` +
      `at least ${MIN_USERS} users, ${MIN_ITEMS} items and ${MIN_INTERACTIONS} pairs are needed`,
  );
}

function hashOf(data: Omit<Dataset, 'hash'>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(data.users)).update(JSON.stringify(data.items));
  const { indptr, indices, values } = data.matrix;
  for (const column of [indptr, indices, values, data.firstSeen, data.part ?? new Uint8Array(0)])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex');
}
