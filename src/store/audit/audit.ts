import type { Selectable } from 'kysely';
import type { AuditTable } from '../engine/keys-migration.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { AuditEntry, AuditFilter, AuditStore } from './contract.ts';

type Db = SqlEngine['reads'];

const ROWS_PER_STATEMENT = 500;
/** Statuses of requests that nobody was let in with. */
const REFUSED = [401, 403, 429];

export function createAudit({ reads, write }: SqlEngine): AuditStore {
  return {
    async add(entries) {
      if (entries.length > 0) await write((db) => addEntries(db, entries));
    },
    async list(filter, limit, cursor) {
      const { rows, nextCursor } = await newestFirst(fitting(reads, filter), 'at', limit, cursor);
      return { rows: rows.map(toEntry), nextCursor };
    },
    expire: (before, limit) =>
      write(async (db) => {
        const old = await db
          .selectFrom('audit')
          .select('id')
          .where('at', '<', before)
          .orderBy('at')
          .orderBy('id')
          .limit(limit)
          .execute();
        const ids = old.map(({ id }) => id);
        for (let at = 0; at < ids.length; at += ROWS_PER_STATEMENT)
          await db
            .deleteFrom('audit')
            .where('id', 'in', ids.slice(at, at + ROWS_PER_STATEMENT))
            .execute();
        return ids.length;
      }),
  };
}

function fitting(db: Db, { keyId, action, targets, outcome, since, until }: AuditFilter) {
  let query = db.selectFrom('audit').selectAll();
  if (keyId !== undefined) query = query.where('key_id', '=', keyId);
  if (action !== undefined) query = query.where('action', '=', action);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (until !== undefined) query = query.where('at', '<', until);
  if (outcome === 'refused') query = query.where('status', 'in', REFUSED);
  if (outcome === 'failed') query = query.where('status', '>=', 400).where('status', 'not in', REFUSED);
  if (outcome === 'done')
    query = query.where((eb) => eb.or([eb('status', 'is', null), eb('status', '<', 400)]));
  if (targets !== undefined) {
    // As the JSON has it, and not by LIKE, to which some signs mean more.
    const values = targets.map((text) => `:${JSON.stringify(text)}`);
    query = query.where((eb) =>
      eb.or(
        values.map((value) =>
          eb(eb.fn<string>('replace', ['targets', eb.val(value), eb.val('')]), '<>', eb.ref('targets')),
        ),
      ),
    );
  }
  return query;
}

async function addEntries(db: Db, entries: readonly AuditEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += ROWS_PER_STATEMENT) {
    await db
      .insertInto('audit')
      .values(entries.slice(at, at + ROWS_PER_STATEMENT).map(toRow))
      // An entry that seemed lost is written again.
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

const toRow = (entry: AuditEntry): Selectable<AuditTable> => ({
  ...{ id: entry.id, at: entry.at, address: entry.address, action: entry.action },
  ...{ key_id: entry.keyId, key_name: entry.keyName },
  targets: JSON.stringify(entry.targets),
  ...{ status: entry.status, requests: entry.requests, request_id: entry.requestId },
});

const toEntry = (row: Selectable<AuditTable>): AuditEntry => ({
  ...{ id: row.id, at: row.at, address: row.address, action: row.action },
  ...{ keyId: row.key_id, keyName: row.key_name },
  targets: JSON.parse(row.targets) as Record<string, string>,
  ...{ status: row.status, requests: row.requests, requestId: row.request_id },
});
