import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { writeBackup } from '../../../src/backup/write.ts';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import { layoutOf } from '../../../src/domain/data/reading/presets.ts';
import { INTERACTIONS } from '../../../src/http/rows/csv-rows.ts';
import { csv, exportLines, ndjson } from '../../../src/http/rows/export-lines.ts';
import { viewInteraction } from '../../../src/http/views.ts';
import type { InteractionPosition } from '../../../src/store/data/contract.ts';
import type { Store } from '../../../src/store/store.ts';
import { runImport } from '../../../src/worker/import/import-runner.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const received = (itemId: string, timestamp: number) => interaction({ itemId, timestamp, received: true });
const ROWS = [
  received('b', 5_000),
  received('b', 5_000),
  interaction({ itemId: 'b', timestamp: 5_000 }),
  interaction({ userId: ' zoe ', itemId: 'NULL', timestamp: null, eventId: 'e1' }),
  interaction({ userId: 'bob', type: 'wave', timestamp: null }),
  received('a', 6_000),
];

async function installation() {
  const folder = await temporaryFolder();
  const store = await openStore(path.join(folder, 'test.db'));
  return { store, artifacts: createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href) };
}

async function exported({ exports }: Store, format: 'csv' | 'ndjson'): Promise<string> {
  const newest = await exports.newestInteraction();
  const read = (after?: InteractionPosition) => exports.interactions(after, newest, 500, {});
  let text = '';
  for await (const part of exportLines(
    read,
    viewInteraction,
    format === 'csv' ? csv(INTERACTIONS) : ndjson(),
  ))
    text += part;
  return text;
}

async function imported(
  text: string | Buffer,
  how: Partial<ImportSpec>,
  into: Awaited<ReturnType<typeof installation>>,
) {
  const { store, artifacts } = into;
  const file = 'imports/file';
  await artifacts.put(file, Buffer.from(text));
  await store.jobs.create({ id: 'job', type: 'import', model: null, spec: {} as ImportSpec }).catch(() => {});
  return runImport({
    jobId: 'job',
    spec: { type: 'import', kind: 'interactions', file, ...how },
    store,
    artifacts,
    importUrls: [],
    importDir: undefined,
    signal: new AbortController().signal,
    onProgress: () => {},
    now: () => NOW,
  });
}

it.each(['ndjson', 'csv'] as const)(
  'an export as %s doubles nothing where it came from, and is known',
  async (format) => {
    const first = await installation();
    await first.store.interactions.add(ROWS);
    const text = await exported(first.store, format);
    const { begins: _, type: __, ...layout } = layoutOf('stillhouse', 'interactions', format)!;
    const ways: Partial<ImportSpec>[] = [
      { preset: 'auto' },
      { preset: 'stillhouse', ...layout },
      { format, trim: false, nulls: [] },
    ];
    for (const how of ways) {
      expect(await imported(text, how, first)).toMatchObject({ accepted: 0, duplicates: 6, rejected: 0 });
      expect(await exported(first.store, format)).toBe(text);
    }
    const second = await installation();
    const result = await imported(text, { preset: 'auto' }, second);
    expect(result).toMatchObject({ accepted: 6, duplicates: 0, reading: { preset: 'stillhouse' } });
    expect(await exported(second.store, format)).toBe(text);
    expect(result.unknownTypes).toEqual({ wave: 1 });
    expect(result.warnings).toEqual([
      expect.stringMatching(/^Nobody says what wave means.*PUT \/event-types\/wave/),
    ]);
  },
);

it('values outside the usual scale come back where the type was declared first, and say so where it was not', async () => {
  const text =
    '{"userId":"ann","itemId":"a","type":"rating","value":9}\n{"userId":"ann","itemId":"b","type":"rating","value":5}\n';
  const target = await installation();
  const refused = await imported(text, { format: 'ndjson' }, target);
  expect(refused.rejects).toEqual([
    { line: 1, reason: expect.stringMatching(/got 9; PUT \/event-types\/rating declares another scale/) },
  ]);
});

it('one kind of a backup is read by files=', async () => {
  const first = await installation();
  await first.store.interactions.add(ROWS);
  const tar = await writeBackup(
    { backup: first.store.backup, artifacts: first.artifacts },
    { models: false },
  );
  const { begins: _, type: __, ...layout } = layoutOf('stillhouse', 'interactions')!;
  const second = await installation();
  const how = { preset: 'stillhouse', ...layout, files: 'interactions/*' };
  expect(await imported(await buffer(tar), how, second)).toMatchObject({
    accepted: 6,
    duplicates: 0,
    rejected: 0,
  });
  expect(await exported(second.store, 'csv')).toBe(await exported(first.store, 'csv'));
});

it('rows without a time keep none, and equal ones are one; or they get that of their receipt, and two are two', async () => {
  const text = 'userId,itemId,type,timestamp\nann,a,click,\nann,a,click,\nann,b,click,2026-02-01T00:00:00Z\n';
  const timesIn = async (how: Partial<ImportSpec>) => {
    const target = await installation();
    const { accepted } = await imported(text, { format: 'csv', ...how }, target);
    const { rows } = await target.store.interactions.list('ann', 10);
    return {
      accepted,
      rows: rows.map(({ itemId, timestamp, received = false }) => ({ itemId, timestamp, received })),
    };
  };
  const given = { itemId: 'b', timestamp: Date.parse('2026-02-01T00:00:00Z'), received: false };
  const timeless = { itemId: 'a', timestamp: null, received: false };
  expect(await timesIn({})).toEqual({ accepted: 2, rows: [given, timeless] });
  const now = { itemId: 'a', timestamp: NOW, received: true };
  expect(await timesIn({ timestamps: 'received' })).toEqual({ accepted: 3, rows: [now, now, given] });
});
