import type { Kysely, Selectable } from 'kysely';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema, VersionTable } from '../engine/schema.ts';

/** The versions that are there: those that were deleted keep their rows. */
export function versionsIn(db: Kysely<Schema>) {
  return db.selectFrom('model_versions').selectAll().where('deleted_at', 'is', null);
}

/** Rows as versions, with the aliases that point at them. */
export async function withAliases(
  db: Kysely<Schema>,
  rows: readonly Selectable<VersionTable>[],
): Promise<RegisteredVersion[]> {
  if (rows.length === 0) return [];
  const models = [...new Set(rows.map((row) => row.model))];
  const aliases = await db
    .selectFrom('aliases')
    .select(['model', 'alias', 'version'])
    .where('model', 'in', models)
    .orderBy('alias')
    .execute();
  return rows.map((row) => ({
    model: row.model,
    version: row.version,
    jobId: row.job_id,
    createdAt: isoTime(row.created_at),
    artifact: row.artifact,
    bytes: row.bytes,
    items: row.items,
    dimensions: row.dimensions,
    summary: JSON.parse(row.summary),
    aliases: aliases.filter((a) => a.model === row.model && a.version === row.version).map((a) => a.alias),
    ...(row.release !== null && { promotion: JSON.parse(row.release).promotion }),
    ...(row.tags !== '[]' && { tags: JSON.parse(row.tags) }),
    ...(row.note !== null && { note: row.note }),
    ...(row.taught_by !== '[]' && { taughtBy: JSON.parse(row.taught_by) }),
  }));
}
