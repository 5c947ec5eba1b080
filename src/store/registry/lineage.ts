import type { Kysely } from 'kysely';
import type { RegisteredVersion, VersionName } from '../../domain/answers/model.ts';
import type { Schema } from '../engine/schema.ts';
import type { Annotation } from './contract.ts';
import { versionsIn, withAliases } from './rows.ts';

export async function annotate(
  db: Kysely<Schema>,
  model: string,
  version: number,
  { tags, note }: Annotation,
): Promise<RegisteredVersion | null> {
  const one = versionsIn(db).where('model', '=', model).where('version', '=', version);
  if (!(await one.executeTakeFirst())) return null;
  if (tags !== undefined || note !== undefined) {
    await db
      .updateTable('model_versions')
      .set({
        ...(tags !== undefined && { tags: JSON.stringify([...new Set(tags)].sort()) }),
        ...(note !== undefined && { note }),
      })
      .where('model', '=', model)
      .where('version', '=', version)
      .execute();
  }
  return (await withAliases(db, await one.execute()))[0]!;
}

/** The versions that name this one among those that taught them, of any model. */
export async function taught(db: Kysely<Schema>, model: string, version: number): Promise<VersionName[]> {
  const rows = await versionsIn(db)
    // Narrows down; the list itself decides.
    .where('taught_by', 'like', `%${JSON.stringify({ model, version }).slice(1, -1)}%`)
    .orderBy('model')
    .orderBy('version')
    .execute();
  return rows
    .filter((row) =>
      (JSON.parse(row.taught_by) as VersionName[]).some(
        (one) => one.model === model && one.version === version,
      ),
    )
    .map((row) => ({ model: row.model, version: row.version }));
}

export async function successors(db: Kysely<Schema>, model: string, version: number): Promise<number[]> {
  const rows = await versionsIn(db).where('model', '=', model).where('release', 'is not', null).execute();
  return (await withAliases(db, rows))
    .filter(({ promotion }) => promotion?.promoted && promotion.comparedWith === version)
    .map((one) => one.version)
    .sort((a, b) => a - b);
}
