import type { Kysely, Selectable } from 'kysely';
import type { NewVersion, RegisteredVersion } from '../../domain/answers/model.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema, SqlEngine, VersionTable } from '../engine/schema.ts';
import type { Alias, ModelKind, ModelStore } from './contract.ts';

/** Keys in `meta` of the chosen models. */
export const DEFAULT_KEYS: Record<ModelKind, string> = {
  items: 'default_model',
  labels: 'default_label_model',
};

export function createModels(engine: SqlEngine): ModelStore {
  const { reads } = engine;
  return {
    publish: (version, alias) => engine.write((db) => publish(db, version, alias, engine.now())),
    async names() {
      const rows = await reads
        .selectFrom('model_versions')
        .select('model')
        .distinct()
        .orderBy('model')
        .execute();
      return rows.map((row) => row.model);
    },
    async versions(model) {
      const rows = await reads
        .selectFrom('model_versions')
        .selectAll()
        .where('model', '=', model)
        .orderBy('version', 'desc')
        .execute();
      return withAliases(reads, rows);
    },
    async get(model, version) {
      const rows = await reads
        .selectFrom('model_versions')
        .selectAll()
        .where('model', '=', model)
        .where('version', '=', version)
        .execute();
      return (await withAliases(reads, rows))[0] ?? null;
    },
    async resolve(model, alias) {
      const rows = await behindAlias(reads, alias).where('aliases.model', '=', model).execute();
      return (await withAliases(reads, rows))[0] ?? null;
    },
    async aliased(alias) {
      const rows = await behindAlias(reads, alias).orderBy('aliases.model').execute();
      return withAliases(reads, rows);
    },
    async defaults(alias) {
      const chosen = await reads
        .selectFrom('meta')
        .selectAll()
        .where('key', 'in', [DEFAULT_KEYS.items, DEFAULT_KEYS.labels])
        .execute();
      const rows = await reads
        .selectFrom('aliases')
        .select('model')
        .where('alias', '=', alias)
        .orderBy('created_at')
        .orderBy('model')
        .execute();
      const modelOf = (kind: ModelKind) => chosen.find(({ key }) => key === DEFAULT_KEYS[kind])?.value;
      const [items, labels] = [modelOf('items'), modelOf('labels')];
      return {
        chosen: { ...(items !== undefined && { items }), ...(labels !== undefined && { labels }) },
        inOrder: rows.map(({ model }) => model),
      };
    },
    async setDefault(kind, model) {
      const key = DEFAULT_KEYS[kind];
      await engine.write(async (db) => {
        await db.deleteFrom('meta').where('key', '=', key).execute();
        if (model !== null) await db.insertInto('meta').values({ key, value: model }).execute();
      });
    },
    alias: (model, alias) => findAlias(reads, model, alias),
    setAlias: (model, alias, version, expected) =>
      engine.write(async (db) => {
        const before = await findAlias(db, model, alias);
        if (expected !== undefined && !isSameAlias(before, expected)) return false;
        await pointAlias(db, model, alias, version, engine.now());
        return true;
      }),
  };
}

async function findAlias(db: Kysely<Schema>, model: string, alias: string): Promise<Alias | null> {
  const row = await db
    .selectFrom('aliases')
    .select(['version', 'updated_at'])
    .where('model', '=', model)
    .where('alias', '=', alias)
    .executeTakeFirst();
  return row ? { version: row.version, updatedAt: row.updated_at } : null;
}

function isSameAlias(one: Alias | null, other: Alias | null): boolean {
  return one?.version === other?.version && one?.updatedAt === other?.updatedAt;
}

async function pointAlias(db: Kysely<Schema>, model: string, alias: string, version: number, now: number) {
  const before = await findAlias(db, model, alias);
  // Later than before in any case, so that no two states of an alias look the same.
  const at = Math.max(now, (before?.updatedAt ?? 0) + 1);
  await db
    .insertInto('aliases')
    .values({ model, alias, version, updated_at: at, created_at: now })
    .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version, updated_at: at }))
    .execute();
}

function behindAlias(db: Kysely<Schema>, alias: string) {
  return db
    .selectFrom('aliases')
    .innerJoin('model_versions', (join) =>
      join
        .onRef('model_versions.model', '=', 'aliases.model')
        .onRef('model_versions.version', '=', 'aliases.version'),
    )
    .selectAll('model_versions')
    .where('aliases.alias', '=', alias);
}

async function publish(
  db: Kysely<Schema>,
  version: NewVersion,
  alias: string,
  at: number,
): Promise<RegisteredVersion> {
  const registered = db.selectFrom('model_versions').selectAll().where('job_id', '=', version.jobId);
  const first = await registered.executeTakeFirst();
  // The alias may have been moved since, by a person: a repeated publish must not move it back.
  if (first) return (await withAliases(db, [first]))[0]!;
  const { newest } = await db
    .selectFrom('model_versions')
    .select((eb) => eb.fn.max('version').as('newest'))
    .where('model', '=', version.model)
    .executeTakeFirstOrThrow();
  const row = await db
    .insertInto('model_versions')
    .values({
      model: version.model,
      version: (newest ?? 0) + 1,
      job_id: version.jobId,
      created_at: at,
      artifact: version.artifact,
      bytes: version.bytes,
      items: version.items,
      dimensions: version.dimensions,
      summary: JSON.stringify(version.summary),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await pointAlias(db, row.model, alias, row.version, at);
  return (await withAliases(db, [row]))[0]!;
}

async function withAliases(
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
  }));
}
