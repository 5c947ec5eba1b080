import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  createPopularityCount,
  type ItemPopularity,
  type PopularityDefinition,
  type PopularityRow,
} from '../../domain/data/popularity.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type {
  PopularityCursor,
  PopularityState,
  PopularityStore,
  PopularPage,
} from './popularity-contract.ts';

const STATE = 'popularity';
const CLAIM = 'popularity_claim';
/** A process that has been silent for so long has lost its claim; the claim is renewed with every page. */
const CLAIM_MS = 60_000;
const ROWS_PER_STATEMENT = 1_000;
const PAGE_ROWS = 4_000;

type Db = SqlEngine['reads'];

export function createPopularity(engine: SqlEngine): PopularityStore {
  const { reads } = engine;
  return {
    state: () => readMeta<PopularityState>(reads, STATE),
    async compute(definition, { pageRows = PAGE_ROWS, signal } = {}) {
      const claim = createClaim(engine);
      if (!(await claim.take())) return null;
      try {
        const goOn = async () => {
          signal?.throwIfAborted();
          await claim.renew();
        };
        return await compute(engine, definition, pageRows, goOn);
      } finally {
        await claim.release();
      }
    },
    page: (generation, by, limit, after) => page(reads, generation, by, limit, after),
    async of(generation, itemIds) {
      if (itemIds.length === 0) return [];
      const rows = await listed(reads, generation).where('item.item_id', 'in', itemIds).execute();
      return rows.map(toPopular);
    },
  };
}

async function compute(
  engine: SqlEngine,
  definition: PopularityDefinition,
  pageRows: number,
  goOn: () => Promise<void>,
): Promise<PopularityState> {
  const { reads, now } = engine;
  const computedAt = now();
  const started = performance.now();
  const [upTo, newest] = [await newestPosition(reads), await newestTime(reads, computedAt)];
  const count = createPopularityCount(definition, newest);
  for await (const rows of usersOf(reads, pageRows)) {
    count.add(rows);
    await goOn();
  }
  const before = await readMeta<PopularityState>(reads, STATE);
  const generation = (before?.generation ?? 0) + 1;
  const items = count.result();
  // The generation that is shown stays, for those who read it while the next one takes its place; older ones go, and what
  // a process that was killed has left of this one.
  await removeGenerationsBut(engine, before?.generation ?? 0);
  await insert(engine, generation, items, goOn);
  const state: PopularityState = {
    generation,
    computedAt,
    tookMs: performance.now() - started,
    upTo,
    newest,
    items: items.length,
  };
  await engine.write((db) => writeMeta(db, STATE, state));
  return state;
}

/** The interactions of each user together, the oldest first; those without a time first of all. */
async function* usersOf(reads: Db, pageRows: number): AsyncGenerator<PopularityRow[]> {
  const types = new Map(
    (await reads.selectFrom('types').selectAll().execute()).map(({ type_key, type }) => [type_key, type]),
  );
  const { last } = await reads
    .selectFrom('users')
    .select((eb) => eb.fn.max('user_key').as('last'))
    .executeTakeFirstOrThrow();
  let width = 64;
  for (let from = 0; from < Number(last ?? 0); ) {
    const rows = await reads
      .selectFrom('interactions')
      .select(['user_key', 'item_key', 'type_key', 'value', 'timestamp'])
      .where('user_key', '>', from)
      .where('user_key', '<=', from + width)
      .orderBy('user_key')
      .execute();
    for (let at = 0; at < rows.length; ) {
      const user = rows[at]!.user_key;
      const own: (PopularityRow & { timestamp: number | null })[] = [];
      for (; at < rows.length && rows[at]!.user_key === user; at++) {
        const { item_key, type_key, value, timestamp } = rows[at]!;
        // A type that came in since has no name here; its rows count the next time.
        const type = types.get(type_key);
        if (type !== undefined) own.push({ itemKey: item_key, type, value, timestamp });
      }
      yield own.sort((a, b) => (a.timestamp ?? -1) - (b.timestamp ?? -1));
    }
    from += width;
    // Users differ in their histories: the stretch goes by how full the last one was.
    width = Math.max(
      1,
      Math.min(100_000, Math.round((width * pageRows) / Math.max(rows.length, pageRows / 4))),
    );
    await nextTurn();
  }
}

async function newestPosition(reads: Db): Promise<number> {
  const { seq } = await reads
    .selectFrom('interactions')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirstOrThrow();
  return Number(seq ?? 0);
}

/** Times in the future are mistakes of a clock: nothing may age by them. */
async function newestTime(reads: Db, now: number): Promise<number | null> {
  const { time } = await reads
    .selectFrom('interactions')
    .select((eb) => eb.fn.max('timestamp').as('time'))
    .where('timestamp', '<=', now)
    .executeTakeFirstOrThrow();
  return time === null ? null : Number(time);
}

async function insert(
  engine: SqlEngine,
  generation: number,
  items: readonly ItemPopularity[],
  goOn: () => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += ROWS_PER_STATEMENT) {
    const part = items.slice(at, at + ROWS_PER_STATEMENT);
    await engine.write((db) =>
      db
        .insertInto('popularity')
        .values(part.map(({ itemKey, ...counts }) => ({ generation, item_key: itemKey, ...counts })))
        .execute(),
    );
    await goOn();
    await nextTurn();
  }
}

/** In small steps, as other writers wait for each. */
async function removeGenerationsBut(engine: SqlEngine, kept: number): Promise<void> {
  const old = await engine.reads
    .selectFrom('popularity')
    .select('generation')
    .distinct()
    .where('generation', '!=', kept)
    .execute();
  for (const { generation } of old) {
    for (let left = true; left; ) {
      left = await engine.write(async (db) => {
        const keys = await db
          .selectFrom('popularity')
          .select('item_key')
          .where('generation', '=', generation)
          .limit(ROWS_PER_STATEMENT)
          .execute();
        if (keys.length === 0) return false;
        await db
          .deleteFrom('popularity')
          .where('generation', '=', generation)
          .where(
            'item_key',
            'in',
            keys.map(({ item_key }) => item_key),
          )
          .execute();
        return keys.length === ROWS_PER_STATEMENT;
      });
      await nextTurn();
    }
  }
}

async function page(
  reads: Db,
  generation: number,
  by: 'score' | 'trend',
  limit: number,
  after?: PopularityCursor,
): Promise<PopularPage> {
  let query = listed(reads, generation);
  if (by === 'trend') query = query.where('p.trend', '>', 0);
  if (after) {
    const { value, itemKey } = after;
    query = query.where((eb) =>
      eb.or([eb(`p.${by}`, '<', value), eb.and([eb(`p.${by}`, '=', value), eb('p.item_key', '>', itemKey)])]),
    );
  }
  const rows = await query.orderBy(`p.${by}`, 'desc').orderBy('p.item_key').limit(limit).execute();
  const last = rows.length === limit ? rows.at(-1)! : null;
  return { items: rows.map(toPopular), next: last && { value: last[by], itemKey: last.item_key } };
}

function listed(reads: Db, generation: number) {
  return reads
    .selectFrom('popularity as p')
    .innerJoin('items as item', 'item.item_key', 'p.item_key')
    .select(['p.item_key', 'item.item_id', 'p.score', 'p.users', 'p.recent', 'p.past', 'p.trend'])
    .where('p.generation', '=', generation);
}

type ListedRow = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number];

function toPopular({ item_key: _, item_id, ...counts }: ListedRow) {
  return { itemId: item_id, ...counts };
}

/** Makes sure that one process at a time computes. */
function createClaim(engine: SqlEngine) {
  const id = randomUUID();
  let renewedAt = 0;
  return {
    take: () =>
      engine.write(async (db) => {
        const held = await readMeta<{ id: string; until: number }>(db, CLAIM);
        if (held && held.until > engine.now()) return false;
        await writeMeta(db, CLAIM, { id, until: engine.now() + CLAIM_MS });
        renewedAt = performance.now();
        return true;
      }),
    async renew() {
      if (performance.now() - renewedAt < CLAIM_MS / 4) return;
      await engine.write((db) => writeMeta(db, CLAIM, { id, until: engine.now() + CLAIM_MS }));
      renewedAt = performance.now();
    },
    release: () =>
      engine.write(async (db) => {
        const held = await readMeta<{ id: string; until: number }>(db, CLAIM);
        if (held?.id === id) await db.deleteFrom('meta').where('key', '=', CLAIM).execute();
      }),
  };
}

async function readMeta<T>(db: Db, key: string): Promise<T | null> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  return row ? (JSON.parse(row.value) as T) : null;
}

async function writeMeta(db: Db, key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await db
    .insertInto('meta')
    .values({ key, value: text })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
    .execute();
}
