import { toBatch } from '../data/batch.ts';
import type { AddOutcome, HistoryRow } from '../data/contract.ts';
import type { InteractionPaths } from '../data/interactions.ts';
import { untilFree } from './connection.ts';
import type { SqliteEngine } from './engine.ts';
import { insertBatch } from './insert.ts';
import { readSnapshot } from './snapshot.ts';

// CROSS JOIN keeps the order as written: the user's newest rows first, then one item each.
const HISTORY = `
  SELECT item.item_id, i.type_key, i.value, i.timestamp
  FROM interactions i CROSS JOIN items item ON item.item_key = i.item_key
  WHERE i.user_key = (SELECT user_key FROM users WHERE user_id = ?)
  ORDER BY i.timestamp DESC, i.seq DESC LIMIT ?`;
const TYPES = 'SELECT type_key, type FROM types';

/** Rows of a large transaction land at random places of the index of histories. */
const WRITING_CACHE_KIB = 65_536;

type HistoryTuple = [itemId: string, typeKey: number, value: number | null, timestamp: number | null];

/** Statements prepared once, rows as tuples: what every request, every import and every training goes through. */
export function createSqlitePaths(engine: SqliteEngine): InteractionPaths {
  const typeName = createTypeNames(engine);
  return {
    commitsHere: true,
    async addBatch(batch) {
      const accepted = await engine.add(batch);
      return accepted.reduce((sum, isNew) => sum + isNew, 0);
    },
    async add(rows) {
      return outcomesOf(await engine.add(toBatch(rows)));
    },
    async history(userId, limit) {
      const rows = await untilFree(
        () => engine.reader.statement(HISTORY).raw().all(userId, limit) as HistoryTuple[],
      );
      return rows.map(
        ([itemId, typeKey, value, timestamp]): HistoryRow => ({
          itemId,
          type: typeName(typeKey),
          value,
          timestamp,
        }),
      );
    },
    writing: (body) =>
      engine.write((db) => {
        engine.writer.database.pragma(`cache_size = -${WRITING_CACHE_KIB}`);
        return body(db, async (rows) => outcomesOf(insertBatch(engine.writer, toBatch(rows))));
      }),
    snapshot: (read) => readSnapshot(engine, read),
  };
}

const outcomesOf = (accepted: Uint8Array) =>
  Array.from(accepted, (isNew): AddOutcome => (isNew === 1 ? 'accepted' : 'duplicate'));

/** Types are few and never change, so their names are kept. */
function createTypeNames(engine: SqliteEngine): (key: number) => string {
  let names = new Map<number, string>();
  return (key) => {
    if (!names.has(key)) names = new Map(engine.reader.statement(TYPES).raw().all() as [number, string][]);
    return names.get(key)!;
  };
}
