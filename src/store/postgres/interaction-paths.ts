import { orderByUser, toBatch } from '../batch.ts';
import type { InteractionPaths } from '../interactions.ts';
import type { AddOutcome, HistoryRow } from '../store.ts';
import type { PostgresEngine } from './engine.ts';
import { toStoreError } from './errors.ts';
import { addInteractions } from './insert.ts';
import { readSnapshot } from './scan.ts';

// A name makes it a prepared statement of each connection.
const HISTORY = {
  name: 'history',
  text: `
    SELECT item.item_id AS "itemId", type.type, i.value, i.timestamp
    FROM (
      SELECT * FROM interactions WHERE user_key = (SELECT user_key FROM users WHERE user_id = $1)
      ORDER BY timestamp DESC NULLS LAST, seq DESC LIMIT $2
    ) i JOIN items item USING (item_key) JOIN types type USING (type_key)
    ORDER BY i.timestamp DESC NULLS LAST, i.seq DESC`,
};

/** A transaction of about a second, for which other writers wait. */
const PART_ROWS = 25_000;

export function createInteractionPaths(engine: PostgresEngine): InteractionPaths {
  return {
    commitsHere: false,
    async add(rows) {
      if (rows.length <= PART_ROWS) return engine.exclusive((client) => addInteractions(client, rows));
      // User by user: the pages of the index of histories are then written less often.
      const order = orderByUser(toBatch(rows).user);
      const outcomes: AddOutcome[] = new Array(rows.length);
      for (let start = 0; start < order.length; start += PART_ROWS) {
        const places = order.subarray(start, start + PART_ROWS);
        const part = Array.from(places, (place) => rows[place]!);
        const ofPart = await engine.exclusive((client) => addInteractions(client, part));
        for (const [n, place] of places.entries()) outcomes[place] = ofPart[n]!;
      }
      return outcomes;
    },
    async history(userId, limit) {
      try {
        return (await engine.pool.query<HistoryRow>({ ...HISTORY, values: [userId, limit] })).rows;
      } catch (error) {
        throw toStoreError(error);
      }
    },
    snapshot: (read) => readSnapshot(engine.pool, read),
  };
}
