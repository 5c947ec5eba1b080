import type pg from 'pg';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { AddOutcome } from '../data/contract.ts';

/** A conflict would still have used up a number of the identity column, and keys have 32 bits. */
const newNames = (table: string, column: string) => `
  INSERT INTO ${table} (${column})
  SELECT DISTINCT name FROM unnest($1::text[]) AS name
  WHERE NOT EXISTS (SELECT FROM ${table} WHERE ${column} = name)
  ON CONFLICT DO NOTHING`;

const NEW_NAMES = [
  { name: 'new-users', text: newNames('users', 'user_id') },
  { name: 'new-items', text: newNames('items', 'item_id') },
  { name: 'new-types', text: newNames('types', 'type') },
];

/** Each row draws its number before it is inserted: by that the rows that were new are known again. */
const INSERT = {
  name: 'add-interactions',
  text: `
  WITH input AS MATERIALIZED (
    SELECT nextval('interactions_seq') AS seq, r.*
    FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::int8[], $6::text[], $7::int2[], $8::text[])
      WITH ORDINALITY AS r (user_id, item_id, type, value, timestamp, event_id, received, context, n)
  ),
  added AS (
    INSERT INTO interactions (seq, user_key, item_key, type_key, value, timestamp, event_id, received, context)
    SELECT seq, user_key, item_key, type_key, value, timestamp, event_id, received, context
    FROM input JOIN users USING (user_id) JOIN items USING (item_id) JOIN types USING (type)
    WHERE NOT EXISTS (
      SELECT FROM tombstones t WHERE t.event_id = input.event_id
        AND t.user_key = users.user_key AND t.item_key = items.item_key AND t.type_key = types.type_key
      UNION ALL
      SELECT FROM tombstones t WHERE t.event_id IS NULL AND input.event_id IS NULL AND input.received = 0
        AND t.user_key = users.user_key AND t.item_key = items.item_key AND t.type_key = types.type_key
        AND coalesce(t.timestamp, -1) = coalesce(input.timestamp, -1)
    )
    AND NOT ($9::int8 IS NOT NULL AND input.received = 1 AND input.event_id IS NULL AND EXISTS (
      SELECT FROM interactions i WHERE i.user_key = users.user_key AND i.timestamp = input.timestamp
        AND i.item_key = items.item_key AND i.type_key = types.type_key
        AND i.received = 1 AND i.event_id IS NULL AND i.seq <= $9::int8
    ))
    ORDER BY n
    ON CONFLICT DO NOTHING
    RETURNING seq, item_key
  ),
  counted AS (
    UPDATE items SET interactions = items.interactions + more.count
    FROM (SELECT item_key, count(*) AS count FROM added GROUP BY item_key) more
    WHERE items.item_key = more.item_key
  )
  SELECT n FROM input JOIN added USING (seq)`,
};

/**
 * Within a transaction that holds the writer's lock.
 * @param knownUpTo as of an InteractionBatch
 */
export async function addInteractions(
  client: pg.PoolClient,
  rows: readonly StoredInteraction[],
  knownUpTo?: number,
): Promise<AddOutcome[]> {
  const users = rows.map(({ userId }) => userId);
  const items = rows.map(({ itemId }) => itemId);
  const types = rows.map(({ type }) => type);
  for (const [i, names] of [users, items, types].entries()) {
    await client.query({ ...NEW_NAMES[i]!, values: [[...new Set(names)]] });
  }
  const values = rows.map(({ value }) => value);
  const timestamps = rows.map(({ timestamp }) => timestamp);
  const eventIds = rows.map(({ eventId }) => eventId);
  const received = rows.map((row) => (row.received ? 1 : 0));
  const contexts = rows.map(({ context }) => (context ? JSON.stringify(context) : null));
  const { rows: added } = await client.query<{ n: number }>({
    ...INSERT,
    values: [users, items, types, values, timestamps, eventIds, received, contexts, knownUpTo ?? null],
  });
  const outcomes = rows.map((): AddOutcome => 'duplicate');
  for (const { n } of added) outcomes[n - 1] = 'accepted';
  return outcomes;
}
