import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import type { ImportFormat } from '../../../src/domain/data/import-kind.ts';
import type { StoredInteraction } from '../../../src/domain/data/interaction.ts';
import { layoutOf } from '../../../src/domain/data/reading/presets.ts';
import { type CsvShape, INTERACTIONS, ITEMS, USERS } from '../../../src/http/rows/csv-rows.ts';
import { csv, type Encode, exportLines, ndjson } from '../../../src/http/rows/export-lines.ts';
import { exportParquet } from '../../../src/http/rows/export-parquet.ts';
import { viewInteraction, viewItem, viewUser } from '../../../src/http/views.ts';
import { readCsv } from '../../../src/ingest/csv.ts';
import { readNdjson } from '../../../src/ingest/ndjson.ts';
import { parseInteraction, parseItem, parseUser } from '../../../src/ingest/rows.ts';
import { toBatch } from '../../../src/store/data/batch.ts';
import type { Store } from '../../../src/store/store.ts';
import { runImport } from '../../../src/worker/import/import-runner.ts';
import { interactions, items, NOW, users } from '../../helpers/odd-rows.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';
import { inChunks } from '../../ingest/read-all.ts';

const KINDS = ['items', 'users', 'interactions'] as const;

async function openInstallation() {
  const folder = await temporaryFolder();
  const store = await openStore(path.join(folder, 'test.db'));
  return { store, artifacts: createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href) };
}

async function exported(
  store: Store,
  kind: (typeof KINDS)[number],
  format: 'csv' | 'ndjson',
): Promise<string> {
  const encode = <Row>(shape: CsvShape<Row>): Encode<Row> => (format === 'csv' ? csv(shape) : ndjson<Row>());
  const { exports } = store;
  const newest = await exports.newestInteraction();
  const lines = {
    interactions: () =>
      exportLines(
        (after?: { seq: number; timestamp: number | null }) => exports.interactions(after, newest, 500, {}),
        viewInteraction,
        encode(INTERACTIONS),
      ),
    items: () => exportLines((after?: number) => exports.items(after, 500), viewItem, encode(ITEMS)),
    users: () => exportLines((after?: number) => exports.users(after, 500), viewUser, encode(USERS)),
  };
  let text = '';
  for await (const part of lines[kind]()) text += part;
  return text;
}

/** Imports a file as what it is: an export. */
async function imported(
  { store, artifacts }: Awaited<ReturnType<typeof openInstallation>>,
  kind: (typeof KINDS)[number],
  format: ImportFormat,
  bytes: Buffer,
): Promise<void> {
  const file = `imports/${kind}`;
  await artifacts.put(file, bytes);
  await store.jobs.create({ id: kind, type: 'import', model: null, spec: {} as ImportSpec });
  const layout = layoutOf('stillhouse', kind, format)!;
  const spec: ImportSpec = { ...layout, type: 'import', kind, preset: 'stillhouse', file };
  const result = await runImport({
    ...{ jobId: kind, spec, store, artifacts, importUrls: [], importDir: undefined },
    signal: new AbortController().signal,
    onProgress: () => {},
    now: () => NOW,
  });
  expect(result).toMatchObject({ rejected: 0, rejects: [], duplicates: 0 });
}

/** Exports everything, imports it into an empty installation, and exports that. */
async function roundTrip(from: Store, format: 'csv' | 'ndjson') {
  const into = await openInstallation();
  for (const kind of KINDS) {
    const text = await exported(from, kind, format);
    if (text === '') continue;
    await imported(into, kind, format, Buffer.from(text));
    expect(await exported(into.store, kind, format)).toBe(text);
  }
}

const FORMATS = ['ndjson', 'csv'] as const;

it.each(FORMATS)('rows as %s are read as what they were', async (format) => {
  const read = format === 'csv' ? readCsv : readNdjson;
  async function back<Row, Stored>(
    kind: (typeof KINDS)[number],
    stored: readonly Stored[],
    view: (row: Stored) => Row,
    shape: CsvShape<Row>,
    parse: (raw: unknown) => unknown,
  ) {
    const encode = format === 'csv' ? csv(shape) : ndjson<Row>();
    const text = encode.head + encode.page(stored.map(view));
    const rows: unknown[] = [];
    if (text !== '') {
      for await (const batch of read(inChunks(text, 50), kind, layoutOf('stillhouse', kind, format)!))
        rows.push(...batch.map((row) => ('raw' in row ? parse(row.raw) : row)));
    }
    expect(rows).toEqual(stored.map((ok) => ({ ok })));
  }
  await fc.assert(
    fc.asyncProperty(interactions, items, users, async (events, films, people) => {
      const given = events.map(({ received: _, ...event }) => event as StoredInteraction);
      await back('interactions', given, viewInteraction, INTERACTIONS, (raw) => parseInteraction(raw, NOW));
      await back('items', films, viewItem, ITEMS, parseItem);
      await back('users', people, viewUser, USERS, parseUser);
    }),
    { numRuns: 100 },
  );
});

it.each(FORMATS)('an export as %s goes into an empty installation and comes out the same', async (format) => {
  const { store } = await openInstallation();
  const seed = { numRuns: 10, seed: 7 };
  await store.interactions.add(fc.sample(interactions, seed).flat());
  await store.catalogue.putItems(fc.sample(items, seed).flat());
  await store.catalogue.putUsers(fc.sample(users, seed).flat());
  await roundTrip(store, format);
});

it('an export of interactions as Parquet goes into an empty installation and comes out the same', async () => {
  const { store } = await openInstallation();
  await store.interactions.add(fc.sample(interactions, { numRuns: 10, seed: 7 }).flat());
  const many = Array.from({ length: 20_000 }, (_, i) => interaction({ itemId: `i${i}` }));
  await store.interactions.addBatch({ ...toBatch(many), inOrder: true });
  const newest = await store.exports.newestInteraction();
  const parts: Buffer[] = [];
  const read = (after?: { seq: number; timestamp: number | null }) =>
    store.exports.interactions(after, newest, 500, {});
  for await (const part of exportParquet(read, viewInteraction)) parts.push(part);
  // More than one row group, each of which is handed out as soon as it is written.
  expect(parts).toHaveLength(3);
  const second = await openInstallation();
  await imported(second, 'interactions', 'parquet', Buffer.concat(parts));
  expect(await exported(second.store, 'interactions', 'ndjson')).toBe(
    await exported(store, 'interactions', 'ndjson'),
  );
});

it('rows of many users that take turns keep their order', async () => {
  const { store } = await openInstallation();
  const row = (i: number) => ({
    userId: `u${(i * 7) % 50}`,
    itemId: `i${i}`,
    type: 'click',
    value: null,
    timestamp: null,
    eventId: null,
  });
  await store.interactions.add(Array.from({ length: 6_000 }, (_, i) => row(i)));
  await roundTrip(store, 'csv');
});
