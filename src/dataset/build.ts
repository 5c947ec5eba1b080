import { createHash } from 'node:crypto';
import { problem } from '../core/errors.ts';
import { MIN_INTERACTIONS, MIN_ITEMS, MIN_USERS } from '../domain/base/data-minimum.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import { type HeldOutTypes, readColumns, type WeighedColumns, type Weigher } from './columns.ts';
import { keepCore, type NamedPairs } from './core.ts';
import { createRowFilter, type DataFilter, type LeftOut } from './filter.ts';
import type { Csr } from './matrix.ts';
import { toPairs } from './pairs.ts';
import type { DenseIds } from './row-columns.ts';
import { seenPairs, type Unlisted } from './seen.ts';

/** Users and items are dense integers, in the order of their ids; the order of storage decides between equal times alone. */
export interface Dataset extends NamedPairs, Unlisted {
  /** [users, items] weight of each pair that is liked, by the newest word of the user. */
  matrix: Csr;
  /** [nnz] milliseconds of each pair's first interaction, NaN where none has a time. */
  firstSeen: Float64Array;
  /** [nnz] the part that each pair's type puts it in; only where types are held out, see split-parts.ts. */
  part?: Uint8Array;
  /** SHA-256 of ids, pairs, weights and times, of pairs that do not count, and of the order where it counts. */
  hash: string;
}

export interface BuildOptions {
  heldOut?: HeldOutTypes | undefined;
  filter?: DataFilter;
  /** True: the matrix also says in which order each user came to the items. */
  inOrder?: boolean;
  /** Rates pairs instead of weighing them. Of a pair that was rated twice the newest rating counts, with its time. */
  rate?: Weigher;
  /** True: the pairs that users had and that do not count are read too, as lists leave them out, and those that they dislike. */
  withSeen?: boolean;
  warn?: ((message: string) => void) | undefined;
}

/**
 * @param source one snapshot
 * @throws problem('not-enough-data') that says what there is and what is enough, and, where order counts, for a pair
 *   without a time
 */
export async function buildDataset(
  source: InteractionSource,
  weighting: Weighting,
  { heldOut, filter = {}, inOrder = false, rate, withSeen = false, warn }: BuildOptions = {},
): Promise<Dataset> {
  const names = { users: await source.dictionary('users'), items: await source.dictionary('items') };
  const rowFilter = createRowFilter(filter, names.users, names.items);
  const columns = await readColumns(source, weighting, rowFilter, {
    heldOut,
    weigh: rate,
    ...(withSeen && { seenTypes: () => true }),
  });
  const { users, items } = denseIdsOf([columns], names);
  const all = toPairs(columns, users, items, { inOrder, newestCounts: rate !== undefined });
  const { perUser = 1, perItem = 1 } = filter.minInteractions ?? {};
  const pairs = perUser > 1 || perItem > 1 ? keepCore(all, { perUser, perItem }) : all;
  const minInteractions = all.matrix.indices.length - pairs.matrix.indices.length;
  refuseTooLittle(pairs, { ...columns.leftOut, minInteractions }, weighting);
  if (inOrder) lookAtTimeless(pairs, warn);
  const beside = withSeen && unlistedOf(columns, { users, items }, pairs);
  return { ...pairs, ...beside, hash: hashOfPairs({ ...pairs, ...beside }) };
}

/** The pairs that users had and that do not count, and those that they dislike; none where nobody dislikes anything. */
export function unlistedOf(
  { uncounted, disliked }: WeighedColumns,
  keys: { users: DenseIds; items: DenseIds },
  { users, items, matrix }: NamedPairs,
): Required<Pick<Unlisted, 'seen'>> & Unlisted {
  const of = (rows: typeof uncounted & { weight?: Float32Array }) =>
    seenPairs(rows, { keys: keys.users, ids: users }, { keys: keys.items, ids: items }, matrix);
  const dislikes = of(disliked);
  const moves = of({ ...disliked, weight: disliked.moves }).pairs.values;
  return { seen: of(uncounted), ...(dislikes.since.length > 0 && { disliked: { ...dislikes, moves } }) };
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

/** Names each type with what it means, in few words. */
function describeWeighting({ events, types, otherTypes }: Weighting): string {
  const said = Object.entries(events ?? {}).map(([type, { meaning, weight, value, scale }]) => {
    const from = value.as === 'threshold' ? ` from ${value.from ?? scale?.likedFrom}` : '';
    return `${type}: ${meaning}${from}${weight === 1 ? '' : `, weight ${weight}`}`;
  });
  if (events) return [...said, 'types that nobody declared do not count'].join('; ');
  return JSON.stringify({ types, otherTypes });
}

function refuseTooLittle({ users, items, matrix }: NamedPairs, leftOut: LeftOut, weighting: Weighting): void {
  const pairs = matrix.indices.length;
  if (users.length >= MIN_USERS && items.length >= MIN_ITEMS && pairs >= MIN_INTERACTIONS) return;
  const reasons = [
    [leftOut.weighting, `by what their types mean (${describeWeighting(weighting)})`],
    [leftOut.time, 'by dataset.since and until'],
    [leftOut.context, 'by dataset.context'],
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

/** Share of pairs without a time from which on nobody knows in which order things happened. */
const MOST_TIMELESS = 0.5;

/** Pairs without a time count as the oldest, as they do in a live history; most of them must have one. */
function lookAtTimeless(
  { users, items, matrix, firstSeen }: NamedPairs,
  warn: ((message: string) => void) | undefined,
): void {
  const first = firstSeen.findIndex(Number.isNaN);
  if (first < 0) return;
  const count = firstSeen.reduce((sum, time) => sum + Number(Number.isNaN(time)), 0);
  const user = matrix.indptr.findIndex((start) => start > first) - 1;
  const pair = `user ${JSON.stringify(users[user])} and item ${JSON.stringify(items[matrix.indices[first]!])}`;
  const what = `${count} of ${firstSeen.length} user-item pairs have no timestamp, the first is ${pair}`;
  if (count / firstSeen.length <= MOST_TIMELESS) {
    warn?.(`${what}. They count as the oldest of their user's history`);
    return;
  }
  throw problem(
    'not-enough-data',
    `The task sequential needs to know in which order things happened: ${what}. Send these interactions with a timestamp, or leave their type out of dataset.types`,
  );
}

/** Returns the hash of pairs with their ids, times and parts, and of those that do not count. */
export function hashOfPairs(data: NamedPairs & Pick<Unlisted, 'seen' | 'disliked'>): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(data.users)).update(JSON.stringify(data.items));
  const { indptr, indices, values, order } = data.matrix;
  const { repeats, seen, disliked } = data;
  const all = [data.part, order, repeats?.position, repeats?.time, repeats?.weight];
  const ofDisliked = [
    disliked?.pairs.indptr,
    disliked?.pairs.indices,
    disliked?.pairs.values,
    disliked?.since,
  ];
  const optional = [...all, seen?.pairs.indptr, seen?.pairs.indices, seen?.since, ...ofDisliked].filter(
    (column) => column !== undefined,
  );
  for (const column of [indptr, indices, values, data.firstSeen, ...optional])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex');
}
