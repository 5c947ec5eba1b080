import type { Kysely, Selectable } from 'kysely';
import type { DriftCheck } from '../../domain/drift/drift-check.ts';
import { isoTime } from '../engine/iso-time.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { DriftRecord, DriftStore } from './contract.ts';
import { recordCheck } from './record-check.ts';

type Row = Selectable<Schema['drift_settings']>;

// Long because it is a list of operations on two tables.
export function createDrift(engine: SqlEngine): DriftStore {
  const { reads, write, now } = engine;
  const one = (db: Kysely<Schema>, model: string) =>
    db.selectFrom('drift_settings').selectAll().where('model', '=', model).executeTakeFirst();
  return {
    async get(model) {
      const row = await one(reads, model);
      return row ? toRecord(row) : null;
    },
    put: (model, { settings, job, nextAt, keyId }) =>
      write(async (db) => {
        const row = {
          settings: JSON.stringify(settings),
          job: job && JSON.stringify(job),
          next_at: nextAt,
          key_id: keyId,
        };
        await db
          .insertInto('drift_settings')
          .values({ model, ...row })
          .onConflict((conflict) =>
            conflict.column('model').doUpdateSet((eb) => ({
              ...row,
              claimed_until: null,
              revision: eb('drift_settings.revision', '+', 1),
            })),
          )
          .execute();
        return toRecord((await one(db, model))!);
      }),
    remove: (model) =>
      write(async (db) => {
        await db.deleteFrom('drift_checks').where('model', '=', model).execute();
        const { numDeletedRows } = await db
          .deleteFrom('drift_settings')
          .where('model', '=', model)
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    hurry: (model) =>
      write(async (db) => {
        const { numUpdatedRows } = await db
          .updateTable('drift_settings')
          .set({ next_at: now() })
          .where('model', '=', model)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    claim: (leaseMs) =>
      write(async (db) => {
        const due = await db
          .selectFrom('drift_settings')
          .select('model')
          .where('next_at', '<=', now())
          .where((eb) => eb.or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now())]))
          .orderBy('next_at')
          .limit(1)
          .executeTakeFirst();
        if (!due) return null;
        const row = await db
          .updateTable('drift_settings')
          .set((eb) => ({ claimed_until: now() + leaseMs, revision: eb('revision', '+', 1) }))
          .where('model', '=', due.model)
          .returningAll()
          .executeTakeFirstOrThrow();
        const { model, revision, key_id: keyId, job } = row;
        return { model, revision, keyId, settings: JSON.parse(row.settings), job: job && JSON.parse(job) };
      }),
    renew: ({ model, revision }, leaseMs) =>
      write(async (db) => {
        const { numUpdatedRows } = await db
          .updateTable('drift_settings')
          .set({ claimed_until: now() + leaseMs })
          .where('model', '=', model)
          .where('revision', '=', revision)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    record: (claimed, end) => write((db) => recordCheck(db, claimed, end, now())),
    async checks(model, limit, cursor) {
      const all = reads.selectFrom('drift_checks').selectAll().where('model', '=', model);
      const { rows, nextCursor } = await newestFirst(all, 'at', limit, cursor);
      return { rows: rows.map(toCheck), nextCursor };
    },
    async latest() {
      const models = await reads.selectFrom('drift_settings').select('model').orderBy('model').execute();
      const found: { model: string; check: DriftCheck }[] = [];
      for (const { model } of models) {
        const row = await reads
          .selectFrom('drift_checks')
          .selectAll()
          .where('model', '=', model)
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (row) found.push({ model, check: toCheck(row) });
      }
      return found;
    },
    forget: (before, limit) =>
      write(async (db) => {
        const old = db
          .selectFrom('drift_checks')
          .select('id')
          .where('at', '<', before)
          .orderBy('at')
          .limit(limit);
        const { numDeletedRows } = await db
          .deleteFrom('drift_checks')
          .where('id', 'in', old)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

function toRecord({ settings, next_at, drifted, key_id }: Row): DriftRecord {
  return {
    settings: JSON.parse(settings),
    nextAt: isoTime(next_at),
    drifted: drifted === 1,
    keyId: key_id,
  };
}

function toCheck({ id, at, state, result }: Selectable<Schema['drift_checks']>): DriftCheck {
  return { id, at: isoTime(at), state: state as DriftCheck['state'], ...JSON.parse(result) };
}
