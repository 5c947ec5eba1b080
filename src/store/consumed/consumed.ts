import type { InteractionPaths } from '../data/interactions.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { ConsumedBatch, ConsumedStore, KeptReject } from './contract.ts';

type Db = SqlEngine['reads'];

const ROWS_PER_STATEMENT = 500;

export function createConsumed({ reads, write, now }: SqlEngine, paths: InteractionPaths): ConsumedStore {
  return {
    async positions(consumer, topic) {
      const rows = await reads
        .selectFrom('consumer_positions')
        .select(['part', 'topic_id', 'next_message'])
        .where('consumer', '=', consumer)
        .where('topic', '=', topic)
        .orderBy('part')
        .execute();
      return rows.map((row) => ({ partition: row.part, topicId: row.topic_id, next: row.next_message }));
    },
    async begin({ group, topic, topicId }, parts) {
      if (parts.length === 0) return;
      const rows = parts.map(({ partition, next }) => ({
        ...{ consumer: group, topic, part: partition, topic_id: topicId },
        next_message: next,
      }));
      await write((db) =>
        db
          .insertInto('consumer_positions')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      );
    },
    store: (batch) =>
      paths
        .writing(async (db, add) => {
          for (const part of batch.parts) await move(db, batch, part);
          const outcomes = batch.rows.length === 0 ? [] : await add(batch.rows);
          await keepRejects(db, batch, now());
          return outcomes;
        })
        .catch((error: unknown) => {
          if (error instanceof Moved) return null;
          throw error;
        }),
    async rejects(consumer, topic, limit) {
      const rows = await reads
        .selectFrom('consumer_rejects')
        .selectAll()
        .where('consumer', '=', consumer)
        .where('topic', '=', topic)
        .orderBy('at', 'desc')
        .orderBy('part')
        .orderBy('message', 'desc')
        .orderBy('row_number', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toReject);
    },
    sweep: (olderThan, mostKept) =>
      write(async (db) => {
        const oldest = await db
          .selectFrom('consumer_rejects')
          .select('at')
          .orderBy('at', 'desc')
          .offset(mostKept)
          .limit(1)
          .executeTakeFirst();
        const { numDeletedRows } = await db
          .deleteFrom('consumer_rejects')
          .where((eb) => eb.or([eb('at', '<', olderThan), ...(oldest ? [eb('at', '<=', oldest.at)] : [])]))
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
    reset: (consumer, topic) =>
      write(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('consumer_positions')
          .where('consumer', '=', consumer)
          .where('topic', '=', topic)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

/** Rolls the transaction back: another consumer has the partition, or had it. */
class Moved extends Error {}

async function move(db: Db, { group, topic, topicId }: ConsumedBatch, part: ConsumedBatch['parts'][number]) {
  const { numUpdatedRows } = await db
    .updateTable('consumer_positions')
    .set({ next_message: part.next })
    .where('consumer', '=', group)
    .where('topic', '=', topic)
    .where('part', '=', part.partition)
    .where('topic_id', '=', topicId)
    .where('next_message', '=', part.from)
    .executeTakeFirst();
  if (Number(numUpdatedRows) !== 1) throw new Moved();
}

async function keepRejects(db: Db, { group, topic, rejects }: ConsumedBatch, at: number): Promise<void> {
  for (let start = 0; start < rejects.length; start += ROWS_PER_STATEMENT) {
    const rows = rejects.slice(start, start + ROWS_PER_STATEMENT).map((reject) => ({
      ...{
        consumer: group,
        topic,
        part: reject.partition,
        message: reject.message,
        row_number: reject.row,
        at,
      },
      ...{ reason: reject.reason, text: reject.text, user_id: reject.userId },
    }));
    // After `reset` the same messages are read again.
    await db
      .insertInto('consumer_rejects')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function toReject(row: {
  part: number;
  message: number;
  row_number: number;
  at: number;
  reason: string;
  text: string;
  user_id: string | null;
}): KeptReject {
  const { part, message, row_number, at, reason, text, user_id } = row;
  return { partition: part, message, row: row_number, at, reason, text, userId: user_id };
}
