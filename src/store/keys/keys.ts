import { type Selectable, sql } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { Scope } from '../../domain/keys/scope.ts';
import type { KeyTable } from '../engine/keys-migration.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { KeyStore, StoredKey } from './contract.ts';

type Db = SqlEngine['reads'];

const REVISION = 'keys_revision';

export function createKeys({ reads, write }: SqlEngine): KeyStore {
  return {
    async revision() {
      const row = await reads
        .selectFrom('meta')
        .select('value')
        .where('key', '=', REVISION)
        .executeTakeFirstOrThrow();
      return Number(row.value);
    },
    list: () => readKeys(reads),
    add: (key, limit) =>
      write(async (db) => {
        const there = await db.selectFrom('api_keys').select('id').limit(limit).execute();
        if (there.length >= limit)
          throw problem('conflict', `There are ${limit} keys already; delete those that nobody uses.`);
        await db.insertInto('api_keys').values(keyRow(key)).execute();
        await bumpRevision(db);
      }),
    rotate: (id, { hash, at, formerUntil, expiresAt }) =>
      write(async (db) => {
        const row = await db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
        if (!row) return null;
        const changed = {
          hash,
          rotated_at: at,
          former_hash: formerUntil === null ? null : row.hash,
          former_until: formerUntil,
          expires_at: expiresAt === undefined ? row.expires_at : expiresAt,
        };
        await db.updateTable('api_keys').set(changed).where('id', '=', id).execute();
        await bumpRevision(db);
        return toKey({ ...row, ...changed });
      }),
    remove: (id) =>
      write(async (db) => {
        const row = await db.deleteFrom('api_keys').where('id', '=', id).returningAll().executeTakeFirst();
        if (!row) return null;
        await bumpRevision(db);
        return toKey(row);
      }),
    used: (times) =>
      write(async (db) => {
        for (const [id, at] of times) {
          await db
            .updateTable('api_keys')
            .set({ last_used_at: at })
            .where('id', '=', id)
            .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)]))
            .execute();
        }
      }),
  };
}

export async function readKeys(db: Db): Promise<StoredKey[]> {
  const rows = await db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(toKey);
}

function toKey(row: Selectable<KeyTable>): StoredKey {
  const { former_hash: hash, former_until: until } = row;
  return {
    id: row.id,
    name: row.name,
    scopes: JSON.parse(row.scopes) as Scope[],
    origins: JSON.parse(row.origins) as string[],
    hash: row.hash,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    rotatedAt: row.rotated_at,
    former: hash === null || until === null ? null : { hash, until },
    lastUsedAt: row.last_used_at,
  };
}

export function keyRow(key: StoredKey): Selectable<KeyTable> {
  return {
    ...{ id: key.id, name: key.name, hash: key.hash },
    scopes: JSON.stringify(key.scopes),
    origins: JSON.stringify(key.origins),
    created_at: key.createdAt,
    created_by: key.createdBy,
    expires_at: key.expiresAt,
    rotated_at: key.rotatedAt,
    former_hash: key.former?.hash ?? null,
    former_until: key.former?.until ?? null,
    last_used_at: key.lastUsedAt,
  };
}

export async function bumpRevision(db: Db): Promise<void> {
  await db
    .updateTable('meta')
    .set({ value: sql`CAST(CAST(value AS INTEGER) + 1 AS TEXT)` })
    .where('key', '=', REVISION)
    .execute();
}
