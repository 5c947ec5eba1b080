import type { Kysely } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { addNotice } from '../notices/add-notice.ts';
import { aliasMoved } from './alias-notices.ts';
import { findAlias, isSameAlias, listAliases, moveAlias, movesOf, numbersBefore } from './aliases.ts';
import type { ModelKind, ModelStore } from './contract.ts';
import { createDeletion } from './deletion.ts';
import { annotate, successors, taught } from './lineage.ts';
import { publish } from './publish.ts';
import { versionsIn, withAliases } from './rows.ts';

/** Keys in `meta` of the chosen models. */
export const DEFAULT_KEYS: Record<ModelKind, string> = {
  items: 'default_model',
  labels: 'default_label_model',
};

// Long because it is a list of the registry's operations.
export function createModels(engine: SqlEngine): ModelStore {
  const { reads } = engine;
  return {
    publish: (version, to) => engine.write((db) => publish(db, version, to, engine.now())),
    async names() {
      const rows = await reads
        .selectFrom('model_versions')
        .select('model')
        .where('deleted_at', 'is', null)
        .distinct()
        .orderBy('model')
        .execute();
      return rows.map((row) => row.model);
    },
    async versions(model) {
      const rows = await versionsIn(reads).where('model', '=', model).orderBy('version', 'desc').execute();
      return withAliases(reads, rows);
    },
    async get(model, version) {
      const rows = await versionsIn(reads)
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
    unaliased: (alias) => newestWithout(reads, alias),
    ...defaultsOf(engine),
    aliases: (model) => listAliases(reads, model),
    alias: (model, alias) => findAlias(reads, model, alias),
    setAlias: (model, alias, version, expected, { action = 'set', ...by } = {}) =>
      engine.write(async (db) => {
        const before = await findAlias(db, model, alias);
        if (expected !== undefined && !isSameAlias(before, expected)) return false;
        const isThere = await versionsIn(db)
          .where('model', '=', model)
          .where('version', '=', version)
          .executeTakeFirst();
        if (!isThere) {
          throw problem('not-found', `The model ${JSON.stringify(model)} has no version ${version}.`);
        }
        await moveAlias(db, { model, alias, version, action, now: engine.now(), ...by });
        if (before?.version !== version) {
          await addNotice(db, aliasMoved({ model, alias, version, from: before, action, by }), engine.now());
        }
        return true;
      }),
    history: (model, alias, limit, before) => movesOf(reads, model, alias, limit, before),
    async before(model, alias) {
      const numbers = await numbersBefore(reads, model, alias);
      if (numbers.length === 0) return [];
      const rows = await versionsIn(reads)
        .where('model', '=', model)
        .where('version', 'in', numbers)
        .execute();
      const inOrder = numbers.flatMap((number) => rows.find(({ version }) => version === number) ?? []);
      return withAliases(reads, inOrder);
    },
    contestants: async (contest) =>
      withAliases(reads, await versionsIn(reads).where('contest', '=', contest).orderBy('version').execute()),
    annotate: (model, version, what) => engine.write((db) => annotate(db, model, version, what)),
    taught: (model, version) => taught(reads, model, version),
    successors: (model, version) => successors(reads, model, version),
    ...createDeletion(engine),
  };
}

function defaultsOf(engine: SqlEngine): Pick<ModelStore, 'defaults' | 'setDefault'> {
  const { reads } = engine;
  return {
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
  };
}

async function newestWithout(db: Kysely<Schema>, alias: string) {
  const newest = versionsIn(db)
    .clearSelect()
    .select((eb) => ['model', eb.fn.max('version').as('version')])
    .where('model', 'not in', db.selectFrom('aliases').select('model').where('alias', '=', alias))
    .groupBy('model');
  const rows = await db
    .selectFrom('model_versions')
    .innerJoin(newest.as('newest'), (join) =>
      join
        .onRef('newest.model', '=', 'model_versions.model')
        .onRef('newest.version', '=', 'model_versions.version'),
    )
    .selectAll('model_versions')
    .orderBy('model_versions.model')
    .execute();
  return withAliases(db, rows);
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
    .where('aliases.alias', '=', alias)
    .where('model_versions.deleted_at', 'is', null);
}
