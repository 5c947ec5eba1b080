import type { Kysely } from 'kysely';
import { versionsBefore } from '../../domain/releases/previous-version.ts';
import { auditJobMove } from '../audit/job-moves.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema } from '../engine/schema.ts';
import type { Alias, AliasMove, MovedBy } from './contract.ts';

export async function findAlias(db: Kysely<Schema>, model: string, alias: string): Promise<Alias | null> {
  const row = await db
    .selectFrom('aliases')
    .select(['version', 'updated_at'])
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst();
  return row ? { version: row.version, updatedAt: row.updated_at } : null;
}

export async function listAliases(db: Kysely<Schema>, model: string): Promise<(Alias & { alias: string })[]> {
  const rows = await db
    .selectFrom('aliases')
    .select(['alias', 'version', 'updated_at'])
    .where('model', '=', model)
    .orderBy('alias')
    .execute();
  return rows.map(({ alias, version, updated_at }) => ({ alias, version, updatedAt: updated_at }));
}

export function isSameAlias(one: Alias | null, other: Alias | null): boolean {
  return one?.version === other?.version && one?.updatedAt === other?.updatedAt;
}

interface MoveTo extends MovedBy {
  model: string;
  alias: string;
  /** Null removes it. */
  version: number | null;
  action: AliasMove['action'];
  now: number;
}

/** Moves an alias and writes that into its history. */
export async function moveAlias(db: Kysely<Schema>, move: MoveTo): Promise<void> {
  const { model, alias, version, now } = move;
  const at = await noteMove(db, move);
  if (version === null) {
    await db.deleteFrom('aliases').where('model', '=', model).where('alias', '=', alias).execute();
  } else {
    await db
      .insertInto('aliases')
      .values({ model, alias, version, updated_at: at, created_at: now })
      .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version, updated_at: at }))
      .execute();
  }
}

/** Writes into the history of an alias what became of it. @returns the time of the move */
export async function noteMove(db: Kysely<Schema>, move: MoveTo): Promise<number> {
  const { model, alias, version, action, now } = move;
  const { seq: last, at: lastAt } = await db
    .selectFrom('alias_moves')
    .select((eb) => [eb.fn.max('seq').as('seq'), eb.fn.max('at').as('at')])
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirstOrThrow();
  // Later than before in any case, so that no two states of an alias look the same, removed ones included.
  const at = Math.max(now, Number(lastAt ?? 0) + 1);
  const { keyId = null, jobId = null, reason = null } = move;
  if (jobId !== null)
    await auditJobMove(db, { ...{ model, alias, version, action }, ...{ jobId, keyId, at: now } });
  await db
    .insertInto('alias_moves')
    .values({
      model,
      alias,
      seq: Number(last ?? 0) + 1,
      at,
      version,
      action,
      key_id: keyId,
      job_id: jobId,
      reason,
    })
    .execute();
  return at;
}

export async function movesOf(
  db: Kysely<Schema>,
  model: string,
  alias: string,
  limit: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<AliasMove[]> {
  const rows = await db
    .selectFrom('alias_moves')
    .selectAll()
    .where('model', '=', model)
    .where('alias', '=', alias)
    .where('seq', '<', before)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    seq: row.seq,
    at: isoTime(row.at),
    version: row.version,
    action: row.action as AliasMove['action'],
    keyId: row.key_id,
    jobId: row.job_id,
    reason: row.reason,
  }));
}

/** Moves that are looked back upon: of an alias that moves every hour those of six weeks. */
const LONGEST_WAY = 1000;

/** Numbers of the versions that an alias had before the one that it has, the nearest first. */
export async function numbersBefore(db: Kysely<Schema>, model: string, alias: string): Promise<number[]> {
  return versionsBefore((await movesOf(db, model, alias, LONGEST_WAY)).reverse());
}
