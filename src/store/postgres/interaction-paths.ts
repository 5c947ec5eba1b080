import { orderByUser, rowsOf } from '../data/batch.ts';
import type { HistoryRow } from '../data/contract.ts';
import type { InteractionPaths } from '../data/interactions.ts';
import { createPostgresKysely, type PostgresEngine, whenItAnswers } from './engine.ts';
import { toStoreError } from './errors.ts';
import { addInteractions } from './insert.ts';
import { readSnapshot } from './snapshot.ts';

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

export function createPostgresPaths(engine: PostgresEngine): InteractionPaths {
  return {
    commitsHere: false,
    add: (rows) => engine.exclusive((client) => addInteractions(client, rows)),
    async addBatch(batch) {
      // User by user: the pages of the index of histories are then written less often.
      const order = batch.inOrder ? Int32Array.from(batch.user.keys()) : orderByUser(batch.user);
      let accepted = 0;
      for (let start = 0; start < order.length; start += PART_ROWS) {
        const part = rowsOf(batch, order.subarray(start, start + PART_ROWS));
        const add = () => engine.exclusive((client) => addInteractions(client, part, batch.knownUpTo));
        // A server that is started again must not cost an import one of its attempts.
        const outcomes = await whenItAnswers(add);
        accepted += outcomes.filter((outcome) => outcome === 'accepted').length;
      }
      return accepted;
    },
    async history(userId, limit) {
      try {
        return (await engine.pool.query<HistoryRow>({ ...HISTORY, values: [userId, limit] })).rows;
      } catch (error) {
        throw toStoreError(error);
      }
    },
    writing: (body) =>
      engine.exclusive((client) =>
        body(createPostgresKysely(client), (rows) => addInteractions(client, rows)),
      ),
    snapshot: (read) => readSnapshot(engine.pool, read),
  };
}
