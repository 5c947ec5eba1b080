import type { Kysely } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { addNotice } from '../notices/add-notice.ts';
import { aliasMoved } from './alias-notices.ts';
import { findAlias, isSameAlias, moveAlias, movesOf, numbersBefore } from './aliases.ts';
import type { ModelStore } from './contract.ts';
import { neededBy } from './needs.ts';
import { versionsIn } from './rows.ts';
import { forgetTraffic } from './traffic.ts';

type Deletion = Pick<
  ModelStore,
  | 'removeAlias'
  | 'removeVersion'
  | 'removeModel'
  | 'keeps'
  | 'setKeeps'
  | 'retain'
  | 'collectable'
  | 'collected'
>;

/** Deletes what no alias, job or schedule needs. Each is asked and done in one transaction. */
// Long because it is a list of operations on one registry.
export function createDeletion({ reads, write, now }: SqlEngine): Deletion {
  return {
    removeAlias: (model, alias, expected, by) =>
      write(async (db) => {
        if (!isSameAlias(await findAlias(db, model, alias), expected)) return false;
        const needs = (await neededBy(db, model)).ofAlias(alias);
        if (needs.length > 0) throw inUse(`The alias ${JSON.stringify(alias)} of ${model}`, needs);
        await moveAlias(db, { model, alias, version: null, action: 'removed', now: now(), ...by });
        const moved = { model, alias, version: null, from: expected, action: 'removed' as const, by };
        await addNotice(db, aliasMoved(moved), now());
        return true;
      }),

    removeVersion: (model, version) =>
      write(async (db) => {
        const row = await versionsIn(db)
          .where('model', '=', model)
          .where('version', '=', version)
          .executeTakeFirst();
        if (!row) return false;
        const needs = (await neededBy(db, model)).ofVersion(row);
        if (needs.length > 0) throw inUse(`Version ${version} of ${model}`, needs);
        await remove(db, model, [version], now());
        return true;
      }),

    removeModel: (model) =>
      write(async (db) => {
        const rows = await versionsIn(db).where('model', '=', model).execute();
        if (rows.length === 0) return 0;
        const needs = await neededBy(db, model);
        const found = [...needs.ofModel, ...rows.flatMap((row) => needs.ofVersion(row))];
        if (found.length > 0) throw inUse(`The model ${model}`, [...new Set(found)]);
        await remove(
          db,
          model,
          rows.map(({ version }) => version),
          now(),
        );
        await db.deleteFrom('model_settings').where('model', '=', model).execute();
        await db.deleteFrom('serving_policies').where('model', '=', model).execute();
        await forgetTraffic(db, model);
        await db.deleteFrom('drift_settings').where('model', '=', model).execute();
        await db.deleteFrom('drift_checks').where('model', '=', model).execute();
        return rows.length;
      }),

    async keeps(model) {
      const row = await reads
        .selectFrom('model_settings')
        .select('keep_versions')
        .where('model', '=', model)
        .executeTakeFirst();
      return row?.keep_versions ?? null;
    },

    async setKeeps(model, keep) {
      await write((db) =>
        db
          .insertInto('model_settings')
          .values({ model, keep_versions: keep })
          .onConflict((conflict) => conflict.column('model').doUpdateSet({ keep_versions: keep }))
          .execute(),
      );
    },

    retain: (model, keep) =>
      write(async (db) => {
        const rows = await versionsIn(db).where('model', '=', model).orderBy('version', 'desc').execute();
        const old = rows.slice(keep).filter(({ tags }) => tags === '[]');
        if (old.length === 0) return [];
        const needs = await neededBy(db, model);
        const there = new Set(rows.map(({ version }) => version));
        const wayBack = await toGoBackTo(db, model, there, now());
        const gone = old
          .filter((row) => !wayBack.has(row.version) && needs.ofVersion(row).length === 0)
          .map(({ version }) => version);
        await remove(db, model, gone, now());
        return gone;
      }),

    async collectable(limit) {
      const deleted = await reads
        .selectFrom('model_versions')
        .select(['model', 'version', 'artifact', 'deleted_at'])
        .where('deleted_at', 'is not', null)
        .where('collected_at', 'is', null)
        .orderBy('deleted_at')
        .limit(limit)
        .execute();
      if (deleted.length === 0) return [];
      // A trainer that was there before the version went may still read it, to be measured against it.
      const { oldest } = await reads
        .selectFrom('jobs')
        .select((eb) => eb.fn.min('started_at').as('oldest'))
        .where('type', '=', 'distillation')
        .where('state', 'in', ['running', 'cancelling'])
        .executeTakeFirstOrThrow();
      return deleted
        .filter((row) => oldest === null || row.deleted_at! < Number(oldest))
        .map(({ model, version, artifact }) => ({ model, version, artifact }));
    },

    async collected(versions) {
      await write(async (db) => {
        for (const { model, version } of versions) {
          await db
            .updateTable('model_versions')
            .set({ collected_at: now() })
            .where('model', '=', model)
            .where('version', '=', version)
            .execute();
        }
      });
    },
  };
}

/** Removed aliases can be put back for so long. */
const PUT_BACK_MS = 24 * 3_600_000;

/** The version that each alias had before, and the one that each alias had that was removed within the last day. */
async function toGoBackTo(
  db: Kysely<Schema>,
  model: string,
  there: ReadonlySet<number>,
  at: number,
): Promise<Set<number>> {
  const found = new Set<number | undefined>();
  const aliases = await db.selectFrom('aliases').select('alias').where('model', '=', model).execute();
  for (const { alias } of aliases) {
    found.add((await numbersBefore(db, model, alias)).find((version) => there.has(version)));
  }
  const removed = await db
    .selectFrom('alias_moves')
    .select(['alias', 'seq'])
    .where('model', '=', model)
    .where('action', '=', 'removed')
    .where('at', '>', at - PUT_BACK_MS)
    .execute();
  for (const { alias, seq } of removed) {
    const [last] = await movesOf(db, model, alias, 1, seq);
    if (last?.version != null) found.add(last.version);
  }
  found.delete(undefined);
  return found as Set<number>;
}

async function remove(db: Kysely<Schema>, model: string, versions: number[], at: number): Promise<void> {
  if (versions.length === 0) return;
  await db
    .updateTable('model_versions')
    .set({ deleted_at: at })
    .where('model', '=', model)
    .where('version', 'in', versions)
    .execute();
}

function inUse(what: string, needs: readonly string[]) {
  const shown = needs.slice(0, 5).join(', ');
  const more = needs.length > 5 ? ` and ${needs.length - 5} more` : '';
  return problem('conflict', `${what} is needed by ${shown}${more}.`, { neededBy: [...needs] });
}
