import { setImmediate as nextTurn } from 'node:timers/promises';
import { hashOf } from '../../core/hash.ts';
import { installedFrom } from '../../domain/data/installed.ts';
import {
  createPopularityCount,
  type ItemPopularity,
  type PopularityDefinition,
} from '../../domain/data/popularity.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { createEventTypes } from './event-types.ts';
import { createClaim, readMeta, writeMeta } from './popularity-claim.ts';
import type {
  PopularityCursor,
  PopularityState,
  PopularityStore,
  PopularPage,
} from './popularity-contract.ts';
import { usersOf } from './popularity-rows.ts';

const STATE = 'popularity';
const ROWS_PER_STATEMENT = 1_000;
const PAGE_ROWS = 4_000;

type Db = SqlEngine['reads'];

export function createPopularity(engine: SqlEngine): PopularityStore {
  const { reads } = engine;
  const eventTypes = createEventTypes(engine);
  return {
    state: () => readMeta<PopularityState>(reads, STATE),
    async isOutdated({ upTo, declared }) {
      return (await newestPosition(reads)) !== upTo || hashOf(await eventTypes.list()) !== declared;
    },
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
  const declarations = await createEventTypes(engine).list();
  const count = createPopularityCount(definition, installedFrom(declarations), newest);
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
    declared: hashOf(declarations),
  };
  await engine.write((db) => writeMeta(db, STATE, state));
  return state;
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
