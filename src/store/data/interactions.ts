import type { ExpressionBuilder } from 'kysely';
import { decodeCursor, encodeCursor } from '../engine/cursor.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { InteractionStore } from './contract.ts';
import { createGroupCommit, createLoadMeter } from './group-commit.ts';
import { toInteraction } from './interaction-rows.ts';
import { countInteractions, sampleOf } from './sample.ts';
import { createTrainingSource, type ReadInteractions } from './training-source.ts';

/** The hot paths that are worth an engine's own way: ingestion, serving, training. */
export interface InteractionPaths extends Pick<InteractionStore, 'add' | 'addBatch' | 'history'> {
  snapshot<T>(read: (reads: SqlEngine['reads'], interactions: ReadInteractions) => Promise<T>): Promise<T>;
  /** One transaction; `add` adds to it in the order of its rows. @returns what the body does */
  writing<T>(body: (transaction: SqlEngine['reads'], add: InteractionStore['add']) => Promise<T>): Promise<T>;
  /** True where a commit takes processor time of this process: then a busy one makes fewer of them. */
  commitsHere: boolean;
}

export function createInteractions(engine: SqlEngine, paths: InteractionPaths): InteractionStore {
  const { reads } = engine;
  const addInGroups = createGroupCommit(paths.add, paths.commitsHere ? createLoadMeter() : null);
  return {
    history: paths.history,
    snapshot: (read) => paths.snapshot((db, interactions) => read(createTrainingSource(db, interactions))),
    sample: (mostRows, read) =>
      paths.snapshot(async (db, interactions) => {
        const source = createTrainingSource(db, interactions);
        const counts = await countInteractions(db);
        if (counts.rows <= mostRows) return read(source, { ...counts, isWhole: true });
        return read(await sampleOf(db, source, mostRows / counts.rows), { ...counts, isWhole: false });
      }),
    addBatch: async (batch) => (batch.length === 0 ? 0 : paths.addBatch(batch)),
    add: async (rows) => (rows.length === 0 ? [] : addInGroups(rows)),
    list: (userId, limit, cursor) => list(engine, userId, limit, cursor),
    async hasEvent(userId, eventId) {
      const row = await reads
        .selectFrom('interactions')
        .select('seq')
        .where('event_id', '=', eventId)
        .where('user_key', '=', (eb) =>
          eb.selectFrom('users').select('user_key').where('user_id', '=', userId),
        )
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async types() {
      const rows = await reads.selectFrom('types').select('type').orderBy('type').execute();
      return rows.map(({ type }) => type);
    },
    async countUpTo(limit) {
      const { count } = await reads
        .selectFrom((db) => db.selectFrom('interactions').select('seq').limit(limit).as('some'))
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async distinctUpTo(mostUsers, mostItems) {
      const distinct = async (column: 'user_key' | 'item_key', limit: number) =>
        (await reads.selectFrom('interactions').select(column).distinct().limit(limit).execute()).length;
      return {
        users: await distinct('user_key', mostUsers),
        items: await distinct('item_key', mostItems),
      };
    },
    async mostPopular(limit) {
      const rows = await reads
        .selectFrom('items')
        .select(['item_id', 'interactions'])
        .where('interactions', '>', 0)
        .orderBy('interactions', 'desc')
        .orderBy('item_key')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ itemId: row.item_id, count: row.interactions }));
    },
  };
}

async function list(
  { reads }: SqlEngine,
  userId: string,
  limit: number,
  cursor?: string,
): ReturnType<InteractionStore['list']> {
  // Cross joins keep the order as written: the user's newest rows first, then one item and one type each.
  let query = reads
    .selectFrom('interactions as i')
    .crossJoin('items as item')
    .crossJoin('types as type')
    .whereRef('item.item_key', '=', 'i.item_key')
    .whereRef('type.type_key', '=', 'i.type_key')
    .where('i.user_key', '=', (eb) => eb.selectFrom('users').select('user_key').where('user_id', '=', userId))
    .select([
      'i.seq',
      'item.item_id',
      'type.type',
      'i.value',
      'i.timestamp',
      'i.event_id',
      'i.received',
      'i.context',
    ]);
  if (cursor !== undefined) query = query.where(after(cursor));
  const found = await query
    .orderBy('i.timestamp', (order) => order.desc().nullsLast())
    .orderBy('i.seq', 'desc')
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    rows: page.map((row) => toInteraction({ ...row, user_id: userId })),
    nextCursor: last ? encodeCursor([last.timestamp, last.seq]) : null,
  };
}

/** Those without a time come last. */
function after(cursor: string) {
  const [timestamp, seq] = decodeCursor(cursor, ['number?', 'number']) as [number | null, number];
  return (eb: ExpressionBuilder<Schema & { i: Schema['interactions'] }, 'i'>) =>
    timestamp === null
      ? eb.and([eb('i.timestamp', 'is', null), eb('i.seq', '<', seq)])
      : eb.or([
          eb('i.timestamp', '<', timestamp),
          eb.and([eb('i.timestamp', '=', timestamp), eb('i.seq', '<', seq)]),
          eb('i.timestamp', 'is', null),
        ]);
}
