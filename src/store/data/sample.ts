import { type Kysely, sql } from 'kysely';
import type { InteractionColumns, TrainingSource } from '../../domain/data/interaction-source.ts';
import type { Schema } from '../engine/schema.ts';
import type { InteractionCounts } from './contract.ts';

/** Stretches of users that a sample is made of, evenly over all of them: the first users are not like the last. Short ones are too few to take a part of. */
const STRETCHES = 64;
const LEAST_USERS = 10;
/** Keys that are asked for at once. */
const KEYS = 500;
/** Items and users of the catalogue that a sample has at most. */
const MOST_DESCRIBED = 20_000;

/** Counts all interactions without reading them: each item has its number. */
export async function countInteractions(db: Kysely<Schema>): Promise<Omit<InteractionCounts, 'isWhole'>> {
  const { rows, items } = await db
    .selectFrom('items')
    .where('interactions', '>', 0)
    .select((eb) => [eb.fn.sum<number>('interactions').as('rows'), eb.fn.countAll<number>().as('items')])
    .executeTakeFirstOrThrow();
  const { users } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('users'))
    .executeTakeFirstOrThrow();
  return { rows: Number(rows ?? 0), items: Number(items), users: Number(users) };
}

/**
 * Some of the source: whole histories of users in stretches that are spread over all of them, about as many rows as asked for.
 * @param share of all interactions that is wanted
 */
export async function sampleOf(
  db: Kysely<Schema>,
  source: TrainingSource,
  share: number,
): Promise<TrainingSource> {
  const { last } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.max('user_key').as('last'))
    .executeTakeFirstOrThrow();
  const stretches = Math.max(1, Math.min(STRETCHES, Math.floor(Number(last) / LEAST_USERS)));
  const step = Number(last) / stretches;
  const ranges = Array.from({ length: stretches }, (_, i) => {
    const from = Math.floor(i * step) + 1;
    return { from, to: from + Math.max(1, Math.round(step * share)) - 1 };
  });
  const chunks: InteractionColumns[] = [];
  for (const range of ranges) chunks.push(await rowsOf(db, range));
  const itemKeys = [...new Set(chunks.flatMap(({ itemKey }) => [...itemKey]))];
  return {
    async *interactions() {
      yield* chunks;
    },
    async dictionary(kind) {
      if (kind === 'types') return source.dictionary(kind);
      return kind === 'items' ? itemsBy(db, itemKeys) : usersIn(db, ranges);
    },
    items: () => first(source.items()),
    users: () => first(source.users()),
  };
}

interface Range {
  from: number;
  to: number;
}

async function rowsOf(db: Kysely<Schema>, { from, to }: Range): Promise<InteractionColumns> {
  const rows = await db
    .selectFrom('interactions')
    .select(['user_key', 'item_key', 'type_key', 'value', 'timestamp', 'context'])
    .where('user_key', '>=', from)
    .where('user_key', '<=', to)
    .execute();
  return {
    length: rows.length,
    userKey: Int32Array.from(rows, (row) => row.user_key),
    itemKey: Int32Array.from(rows, (row) => row.item_key),
    typeKey: Int32Array.from(rows, (row) => row.type_key),
    value: Float64Array.from(rows, ({ value }) => value ?? Number.NaN),
    timestamp: Float64Array.from(rows, ({ timestamp }) =>
      timestamp === null ? Number.NaN : Number(timestamp),
    ),
    context: rows.map(({ context }) => context),
  };
}

async function itemsBy(db: Kysely<Schema>, keys: readonly number[]): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (let from = 0; from < keys.length; from += KEYS) {
    const some = keys.slice(from, from + KEYS);
    const rows = await db
      .selectFrom('items')
      .select(['item_key', 'item_id'])
      .where(sql<boolean>`item_key IN (${sql.join(some)})`)
      .execute();
    for (const row of rows) names.set(row.item_key, row.item_id);
  }
  return names;
}

async function usersIn(db: Kysely<Schema>, ranges: readonly Range[]): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const { from, to } of ranges) {
    const rows = await db
      .selectFrom('users')
      .select(['user_key', 'user_id'])
      .where('user_key', '>=', from)
      .where('user_key', '<=', to)
      .execute();
    for (const row of rows) names.set(row.user_key, row.user_id);
  }
  return names;
}

async function* first<T>(pages: AsyncIterable<T[]>): AsyncGenerator<T[]> {
  let count = 0;
  for await (const page of pages) {
    yield page;
    count += page.length;
    if (count >= MOST_DESCRIBED) return;
  }
}
