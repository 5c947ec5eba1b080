import type { Kysely } from 'kysely';
import type { EventMeaning } from '../../domain/data/event-meaning.ts';
import type { Schema } from '../engine/schema.ts';
import { bumpRevision, keyRow, readKeys } from '../keys/keys.ts';
import { DEFAULT_KEYS } from '../registry/models.ts';
import { policyRow, readPolicies } from '../registry/policies.ts';
import type { BackupRows } from './contract.ts';

type Db = Kysely<Schema>;
type Rows<P extends keyof BackupRows> = readonly BackupRows[P][];

/** Tables that fit into memory, and are read at once. */
export const SMALL_PARTS = {
  'event-types': {
    async read(db: Db) {
      const rows = await db.selectFrom('event_types').selectAll().orderBy('type').execute();
      return rows.map(({ type, meaning, updated_at }) => ({
        ...{ type, meaning: JSON.parse(meaning) as EventMeaning },
        updatedAt: updated_at,
      }));
    },
    async put(db: Db, rows: Rows<'event-types'>) {
      const values = rows.map(({ type, meaning, updatedAt }) => ({
        ...{ type, meaning: JSON.stringify(meaning) },
        updated_at: updatedAt,
      }));
      await db.insertInto('event_types').values(values).execute();
    },
  },
  'known-types': {
    read: (db: Db) => db.selectFrom('types').select('type').orderBy('type_key').execute(),
    async put(db: Db, rows: Rows<'known-types'>) {
      await db.insertInto('types').values(rows).execute();
    },
  },
  rules: {
    async read(db: Db) {
      const rows = await db.selectFrom('rules').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map(({ rule }) => JSON.parse(rule) as BackupRows['rules']);
    },
    async put(db: Db, rows: Rows<'rules'>) {
      const values = rows.map((rule) => ({
        ...{ id: rule.id, created_at: rule.createdAt },
        rule: JSON.stringify(rule),
      }));
      await db.insertInto('rules').values(values).execute();
    },
  },
  schedules: {
    async read(db: Db) {
      const rows = await db.selectFrom('schedules').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map((row): BackupRows['schedules'] => ({
        id: row.id,
        name: row.name,
        createdAt: row.created_at,
        cron: row.cron,
        timeZone: row.time_zone,
        afterInteractions: row.after_interactions,
        job: JSON.parse(row.job),
        paused: row.paused === 1,
        keyId: row.key_id,
        nextAt: row.next_at,
      }));
    },
    /** Counts interactions anew: those that were put back are none that have come since. */
    async put(db: Db, rows: Rows<'schedules'>) {
      const { newest } = await db
        .selectFrom('interactions')
        .select((eb) => eb.fn.max('seq').as('newest'))
        .executeTakeFirstOrThrow();
      const values = rows.map((row) => ({
        id: row.id,
        name: row.name,
        created_at: row.createdAt,
        cron: row.cron,
        time_zone: row.timeZone,
        after_interactions: row.afterInteractions,
        job: JSON.stringify(row.job),
        paused: row.paused ? 1 : 0,
        next_at: row.nextAt,
        counted_from: Number(newest ?? 0),
        key_id: row.keyId,
      }));
      await db.insertInto('schedules').values(values).execute();
    },
  },
  'default-models': {
    async read(db: Db) {
      const kinds = Object.keys(DEFAULT_KEYS) as (keyof typeof DEFAULT_KEYS)[];
      const rows = await db
        .selectFrom('meta')
        .selectAll()
        .where('key', 'in', Object.values(DEFAULT_KEYS))
        .execute();
      return kinds.flatMap((kind) => {
        const found = rows.find(({ key }) => key === DEFAULT_KEYS[kind]);
        return found ? [{ kind, model: found.value }] : [];
      });
    },
    async put(db: Db, rows: Rows<'default-models'>) {
      const values = rows.map(({ kind, model }) => ({ key: DEFAULT_KEYS[kind], value: model }));
      await db.insertInto('meta').values(values).execute();
    },
  },
  'serving-policies': {
    read: readPolicies,
    async put(db: Db, rows: Rows<'serving-policies'>) {
      await db.insertInto('serving_policies').values(rows.map(policyRow)).execute();
    },
  },
  'consumer-positions': {
    async read(db: Db) {
      const rows = await db
        .selectFrom('consumer_positions')
        .selectAll()
        .orderBy('consumer')
        .orderBy('topic')
        .orderBy('part')
        .execute();
      return rows.map((row) => ({
        ...{ group: row.consumer, topic: row.topic, partition: row.part },
        ...{ topicId: row.topic_id, next: row.next_message },
      }));
    },
    async put(db: Db, rows: Rows<'consumer-positions'>) {
      const values = rows.map(({ group, topic, partition, topicId, next }) => ({
        ...{ consumer: group, topic, part: partition, topic_id: topicId, next_message: next },
      }));
      await db.insertInto('consumer_positions').values(values).execute();
    },
  },
  'model-settings': {
    read: (db: Db) =>
      db
        .selectFrom('model_settings')
        .select(['model', 'keep_versions as keepVersions'])
        .orderBy('model')
        .execute(),
    async put(db: Db, rows: Rows<'model-settings'>) {
      const values = rows.map(({ model, keepVersions }) => ({ model, keep_versions: keepVersions }));
      await db.insertInto('model_settings').values(values).execute();
    },
  },
  versions: {
    read: (db: Db) =>
      db.selectFrom('model_versions').selectAll().orderBy('created_at').orderBy('job_id').execute(),
    async put(db: Db, rows: Rows<'versions'>) {
      await db
        .insertInto('model_versions')
        .values(rows as never)
        .execute();
    },
  },
  aliases: {
    read: (db: Db) => db.selectFrom('aliases').selectAll().orderBy('model').orderBy('alias').execute(),
    async put(db: Db, rows: Rows<'aliases'>) {
      await db
        .insertInto('aliases')
        .values(rows as never)
        .execute();
    },
  },
  teachers: {
    read: (db: Db) => db.selectFrom('external_teachers').selectAll().orderBy('name').execute(),
    async put(db: Db, rows: Rows<'teachers'>) {
      await db
        .insertInto('external_teachers')
        .values(rows as never)
        .execute();
    },
  },
  keys: {
    read: readKeys,
    async put(db: Db, rows: Rows<'keys'>) {
      await db.insertInto('api_keys').values(rows.map(keyRow)).execute();
      await bumpRevision(db);
    },
  },
} as const;
