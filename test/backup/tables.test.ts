import { createHash } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { restoreBackup } from '../../src/backup/restore.ts';
import { writeBackup } from '../../src/backup/write.ts';
import { newVersion, openStore, temporaryFolder } from '../helpers/store.ts';
import { liveIn, publish } from './lived-in-store.ts';

/** Manifest of a version without files. */
const MANIFEST = Buffer.from('{"files":{}}');

/** Tables that no backup holds, as docs/data.md says. */
const LEFT_OUT = [
  ...['jobs', 'job_events', 'job_logs', 'job_counters', 'idempotency_keys', 'import_rejects', 'workers'],
  'consumer_rejects',
  // The audit speaks of the installation that it stands in.
  ...['served', 'served_clicks', 'popularity', 'audit', 'erased_users'],
  'notices',
  // A restored copy must not send to the addresses of the first, and backups hold no secrets.
  ...['webhooks', 'webhook_deliveries'],
  // Watching begins anew, as its jobs and checks are of the installation that it watches.
  ...['drift_settings', 'drift_checks'],
  // Who was shown what is no part of a backup, and without its counts an experiment would begin anew unasked.
  ...['traffic', 'traffic_users', 'shadow_counts'],
];
/** Keys are counted anew without gaps, and the clock, the count and the runs of a schedule begin anew. */
const NEW_COLUMNS: Record<string, readonly string[]> = {
  ...{ types: ['type_key'], users: ['user_key'], items: ['item_key'] },
  ...{ interactions: ['seq', 'user_key', 'item_key', 'type_key'] },
  ...{
    tombstones: ['user_key', 'item_key', 'type_key'],
    schedules: ['next_at', 'counted_from', 'last_job', 'last_at', 'skip'],
  },
};
/** Beside the default models there are revisions and claims of the running installation. */
const KEPT_META = ['default_model', 'default_label_model'];

function tablesOf(file: string): Map<string, Record<string, unknown>[]> {
  const db = new Database(file, { readonly: true });
  const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
  const tables = names
    .filter((name) => !LEFT_OUT.includes(name) && !name.startsWith('sqlite_'))
    .map((name): [string, Record<string, unknown>[]] => {
      const rows = db.prepare(`SELECT * FROM "${name}"`).all() as Record<string, unknown>[];
      const kept = name === 'meta' ? rows.filter(({ key }) => KEPT_META.includes(key as string)) : rows;
      for (const row of kept) for (const column of NEW_COLUMNS[name] ?? []) delete row[column];
      return [name, kept];
    });
  db.close();
  return new Map(tables);
}

/** A table or column that is added and forgotten here shows as a table without rows, or as rows that differ. */
it('every table comes back with all columns, but those that a backup leaves out', async () => {
  const folder = await temporaryFolder();
  const file = (name: string) => path.join(folder, `${name}.db`);
  const first = await openStore(file('first'));
  await liveIn(first);
  await publish(first);
  await first.models.publish(newVersion({ jobId: 'old' }), 'old');
  await first.models.removeAlias('movies', 'old', (await first.models.alias('movies', 'old'))!);
  await first.models.removeVersion('movies', 4);
  await first.models.collected([{ model: 'movies', version: 4, artifact: '' }]);
  await first.externalTeachers.put({ name: 'theirs', artifact: 'teachers/theirs' } as never);
  const artifacts = {
    list: async (key: string) => [{ key: `${key}/manifest.json`, bytes: MANIFEST.length }],
    open: async () => Readable.from([MANIFEST]),
    put: async () => ({
      bytes: MANIFEST.length,
      sha256: createHash('sha256').update(MANIFEST).digest('hex'),
    }),
  };
  const tar = await writeBackup({ backup: first.backup, artifacts }, { models: true });
  const second = await openStore(file('second'));
  await restoreBackup(tar, { backup: second.backup, artifacts, now: Date.now });
  const tables = tablesOf(file('first'));
  for (const [name, rows] of tables) expect(rows, `${name} has a row`).not.toEqual([]);
  const columns = [...tables].flatMap(([name, rows]) =>
    Object.keys(rows[0]!)
      .filter((column) => rows.every((row) => row[column] === null))
      .map((column) => `${name}.${column}`),
  );
  expect(columns, 'columns with no value').toEqual([]);
  expect(tablesOf(file('second'))).toEqual(tables);
});
