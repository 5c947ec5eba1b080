import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { fingerprint, jsonFile } from '../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { writeBackup } from '../../src/backup/write.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { interaction, item, newVersion, openStore, temporaryFolder } from '../helpers/store.ts';
import { liveIn, publish } from './lived-in-store.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

async function installation(place?: string) {
  const folder = await temporaryFolder();
  return openInstallation(folder, await openStore(place ?? path.join(folder, 'test.db'), () => NOW));
}

function openInstallation(folder: string, store: Store) {
  const artifacts = createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href);
  return { store, artifacts };
}
type Installation = Awaited<ReturnType<typeof installation>>;

async function exported({ store, artifacts }: Installation, models = false): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await writeBackup({ backup: store.backup, artifacts }, { models }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
}

const restored = (tar: Buffer, { store, artifacts }: Pick<Installation, 'store' | 'artifacts'>) =>
  restoreBackup(Readable.from([tar]), { backup: store.backup, artifacts, now: () => NOW });

interface Member {
  name: string;
  text: string;
}
async function membersOf(tar: Buffer): Promise<Member[]> {
  const members: Member[] = [];
  const entries = extract();
  Readable.from([tar]).pipe(entries);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    members.push({ name: entry.header.name, text: Buffer.concat(chunks).toString() });
  }
  return members;
}
async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, text } of members) tar.entry({ name, mtime: new Date(0) }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function isEmpty({ exports, eventTypes, rules, interactions, catalogue }: Store): Promise<boolean> {
  const { items, users } = await catalogue.counts();
  const lists = [await eventTypes.list(), await rules.list(), await interactions.types()];
  return (await exports.newestInteraction()) === 0 && items + users + lists.flat().length === 0;
}

function roundTrips(open: () => Promise<Installation>, from = open): void {
  it('comes back with the same rows, and its next export is the same to the last byte', async () => {
    const first = await from();
    await liveIn(first.store);
    const tar = await exported(first);
    const second = await open();
    expect(await restored(tar, second)).toMatchObject({
      ...{ interactions: 4, items: 2, users: 1, tombstones: 2, deletions: 2, rules: 1, schedules: 2 },
      ...{ 'known-users': 2, 'known-items': 5, 'event-types': 1, 'default-models': 1 },
      ...{ 'merged-users': 1, 'serving-policies': 2, 'model-settings': 2, 'consumer-positions': 2 },
    });
    expect((await exported(second)).equals(tar)).toBe(true);
    const { store } = second;
    expect(await store.rules.list()).toEqual(await first.store.rules.list());
    expect(await store.eventTypes.list()).toEqual(await first.store.eventTypes.list());
    expect(await store.models.defaults('stable')).toMatchObject({ chosen: { items: 'movies' } });
    expect(await store.policies.list()).toEqual(await first.store.policies.list());
    expect([await store.models.keeps('movies'), await store.models.keeps('films')]).toEqual([5, null]);
    expect(await store.users.becameOf('visitor')).toBe('ann');
    expect(await store.users.merge('visitor', 'ann')).toMatchObject({ at: NOW, isNew: false });
    // What was deleted on purpose stays so: events that are sent again, and items that interactions speak of.
    const again = interaction({ userId: 'bob', itemId: 'taken back' });
    expect(await store.interactions.add([again])).toEqual(['duplicate']);
    expect(await store.catalogue.unknownItems(['gone', 'film-1'])).toEqual(['gone']);
    // The clock goes on from now, and nothing that was put back counts as having come since.
    expect((await store.schedules.get('sch_1'))?.nextRunAt).toBe('2026-03-02T02:00:00.000Z');
    expect(await store.schedules.due()).toEqual([]);
  });

  it('holds the models with their files where that is asked for', async () => {
    const first = await from();
    await publish(first.store);
    // The files of a deleted version stay for a while.
    for (const key of ['models/movies/job-1', 'models/movies/job-2', 'models/movies/job-3'])
      await first.artifacts.putFolder(
        key,
        new Map([
          ['manifest.json', Buffer.from('{}')],
          ['teacher/state', Buffer.alloc(70_000, key)],
        ]),
      );
    const tar = await exported(first, true);
    const second = await open();
    await restored(tar, second);
    expect((await exported(second, true)).equals(tar)).toBe(true);
    const [models, before] = [second.store.models, first.store.models];
    expect(await models.versions('movies')).toEqual(await before.versions('movies'));
    for (const alias of ['stable', 'trial', 'candidate', 'stable-1'])
      expect(await models.history('movies', alias, 9)).toEqual(await before.history('movies', alias, 9));
    expect((await models.before('movies', 'stable')).map(({ version }) => version)).toEqual([1]);
    expect(await models.taught('movies', 1)).toEqual([{ model: 'movies', version: 2 }]);
    expect(await second.artifacts.get('models/movies/job-2/teacher/state')).toHaveLength(70_000);
    // A deleted version comes back without its files, whether they were there still or not; its number stays its own.
    expect(await second.artifacts.list('models/movies/job-3')).toEqual([]);
    const [gone] = await models.collectable(9);
    expect(gone).toMatchObject({ version: 3 });
    await first.artifacts.remove(gone!.artifact);
    expect((await exported(first, true)).equals(tar)).toBe(true);
    await before.collected([gone!]);
    const third = await open();
    await restored(await exported(first, true), third);
    expect(await third.store.models.collectable(9)).toEqual([]);
    const next = await third.store.models.publish(newVersion({ jobId: 'job-4' }), 'stable');
    expect(next.version).toBe(4);
  });

  it('reads guests and moves of aliases in pages, and none twice', async () => {
    const { store } = await open();
    const number = (i: number) => String(i).padStart(4, '0');
    const rows = Array.from({ length: 1001 }, (_, i) => i + 1);
    const guests = rows.map((i) => ({ userId: `guest-${number(i)}`, intoId: `u${i % 3}`, mergedAt: i }));
    const moves = rows.map((i) => ({
      ...{ model: 'movies', alias: i <= 500 ? 'next' : 'stable', seq: i, at: i, version: 1, action: 'set' },
      ...{ key_id: null, job_id: null, reason: null },
    }));
    await store.backup.restore(async (put) => {
      await put('merged-users', guests);
      await put('alias-moves', moves);
    });
    const read = await store.backup.read(async (parts) => {
      const all = async (part: 'merged-users' | 'alias-moves') => {
        const found: unknown[] = [];
        for await (const page of parts(part)) found.push(...page);
        return found;
      };
      return [await all('merged-users'), await all('alias-moves')];
    });
    expect(read).toEqual([guests, moves]);
  });
}

describe('on SQLite', () => {
  roundTrips(() => installation());

  it('is cut into members of a megabyte, whatever the pages of the database', async () => {
    const first = await installation();
    const rows = Array.from({ length: 12_000 }, (_, i) =>
      interaction({ userId: `u${(i * 7) % 90}`, itemId: `i${i}` }),
    );
    await first.store.interactions.add(rows);
    const tar = await exported(first);
    const names = (await membersOf(tar)).map(({ name }) => name);
    expect(names).toContain('interactions/00002.ndjson');
    const second = await installation();
    await restored(gzipSync(tar), second);
    expect((await exported(second)).equals(tar)).toBe(true);
  });

  it('an empty installation has a backup too', async () => {
    const tar = await exported(await installation());
    expect((await membersOf(tar)).map(({ name }) => name)).toEqual(['stillhouse.json', 'manifest.json']);
    expect(await restored(tar, await installation())).toEqual({});
  });

  it('is refused by an installation that has something, with what that is', async () => {
    const first = await installation();
    await liveIn(first.store);
    await expect(restored(await exported(first), first)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /not empty: it has interactions, items, users, merged users, .*rules, schedules, .*serving policies, settings of models, .*API keys, default models\./,
      ),
    });
  });

  it('is refused where nothing but a default model was chosen', async () => {
    const [first, second] = [await installation(), await installation()];
    for (const { store } of [first, second]) await store.models.setDefault('labels', 'movies');
    await expect(restored(await exported(first), second)).rejects.toThrow(/it has default models\. Restore/);
  });

  it.each<[string, string, Buffer | null, RegExp]>([
    ['a file is gone', 'report.json', null, /report\.json is missing/],
    ['a file is shorter', 'weights', Buffer.from('wei'), /weights has 3 bytes instead of 7/],
    ['a file is another', 'weights', Buffer.from('WEIGHTS'), /weights is damaged: its sha256/],
    [
      'its teacher is another',
      'teacher/state.safetensors',
      Buffer.from('states'),
      /teacher\/state\.safetensors is damaged/,
    ],
    ['its manifest is none', 'manifest.json', Buffer.from('{'), /manifest\.json is not JSON/],
    ['its manifest is gone', 'manifest.json', null, /manifest\.json is missing/],
  ])('says before anything is sent that of a version %s', async (_what, name, bytes, reason) => {
    const first = await installation();
    await publish(first.store);
    const [weights, report, state] = ['weights', '{}', 'statez'].map((text) => Buffer.from(text)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    const files = { weights: fingerprint(weights), 'report.json': fingerprint(report) };
    for (const job of ['job-1', 'job-2'])
      await first.artifacts.putFolder(
        `models/movies/${job}`,
        new Map([
          ['manifest.json', jsonFile({ files })],
          ['weights', weights],
          ['report.json', report],
          ['teacher/manifest.json', jsonFile(fingerprint(state))],
          ['teacher/state.safetensors', state],
        ]),
      );
    await exported(first, true);
    const key = `models/movies/job-2/${name}`;
    await first.artifacts.remove(key);
    if (bytes !== null) await first.artifacts.put(key, Readable.from([bytes]));
    const failure = await exported(first, true).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'conflict', message: expect.stringMatching(reason) });
    expect(failure).toHaveProperty('message', expect.stringMatching(/^Version 2 of movies is damaged: /));
    expect((await exported(first)).length).toBeGreaterThan(0);
  });

  it('says which model has lost its files before anything is sent', async () => {
    const first = await installation();
    await publish(first.store);
    await expect(exported(first, true)).rejects.toThrow(/models\/movies\/job-1 is missing; models=false/);
  });
});

describe.runIf(findPostgres())('on PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server?.close());
  const onPostgres = async () => installation(await server.createDatabase());

  roundTrips(onPostgres);
  describe('from SQLite', () => roundTrips(onPostgres, () => installation()));

  it('a broken file leaves nothing', async () => {
    const first = await installation();
    await liveIn(first.store);
    const members = await membersOf(await exported(first));
    const second = await onPostgres();
    await expect(restored(await tarOf(members.slice(0, -1)), second)).rejects.toThrow(/no manifest.json/);
    expect(await isEmpty(second.store)).toBe(true);
  });
});

describe('a file that is no whole backup leaves nothing, and the right one is taken afterwards', () => {
  let folder: string;
  let tar: Buffer;
  let members: Member[];
  let second: Installation;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-test-'));
    const open = (name: string) => createStore(`sqlite:${path.join(folder, name)}`, undefined, () => NOW);
    const first = openInstallation(folder, await open('first.db'));
    await liveIn(first.store);
    tar = await exported(first);
    members = await membersOf(tar);
    await first.store.close();
    second = openInstallation(folder, await open('second.db'));
  });
  afterAll(async () => {
    await second.store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const change = (name: string, edit: (text: string) => string) => (members: Member[]) =>
    members.map((member) => (member.name === name ? { name, text: edit(member.text) } : member));
  const without = (name: string) => (members: Member[]) => members.filter((member) => member.name !== name);
  const LINE = /\n.*$/s;
  it.each<[string, (members: Member[]) => Member[], RegExp]>([
    ['no end', (members) => members.slice(0, -1), /it has no manifest\.json: the export broke off/],
    [
      'no beginning',
      (members) => members.slice(1),
      /its first member is event-types\/00001\.ndjson in place of stillhouse\.json/,
    ],
    ['a member less', without('users/00001.ndjson'), /users\/00001\.ndjson is missing/],
    [
      'the part at the end less',
      without('model-settings/00001.ndjson'),
      /model-settings\/00001\.ndjson is missing/,
    ],
    [
      'a member more',
      (members) => [members[0]!, { name: 'x.txt', text: '' }, ...members.slice(1)],
      /nothing is known of its member x\.txt/,
    ],
    ['a member behind the end', (members) => [...members, members[1]!], /stands behind manifest\.json/],
    [
      'members out of order',
      (members) => [members[0]!, members[2]!, members[1]!, ...members.slice(3)],
      /event-types\/00001\.ndjson does not stand where it belongs/,
    ],
    [
      'another value',
      change('interactions/00001.ndjson', (text) => text.replace('9.5', '9.4')),
      /interactions\/00001\.ndjson is damaged: its sha256/,
    ],
    [
      'a line less',
      change('users/00001.ndjson', () => ''),
      /users\/00001\.ndjson ends in the middle|is damaged/,
    ],
    [
      'half a line',
      change('users/00001.ndjson', (text) => text.slice(0, 9)),
      /users\/00001\.ndjson ends in the middle of a line/,
    ],
    [
      'no JSON',
      change('items/00001.ndjson', (text) => text.replace(LINE, '\n}\n')),
      /items\/00001\.ndjson, line 2 is not valid JSON/,
    ],
    [
      'no id',
      change('known-users/00001.ndjson', () => '{"userId":""}\n'),
      /known-users\/00001\.ndjson, line 1: userId is empty/,
    ],
    [
      'a guest without an id',
      change('merged-users/00001.ndjson', () => '{"userId":"a","intoId":"","mergedAt":1}\n'),
      /merged-users\/00001\.ndjson, line 1: intoId is empty/,
    ],
    [
      'a policy of a field that there is not',
      change('serving-policies/00001.ndjson', () => '{"model":"m","updatedAt":1,"seen":[]}\n'),
      /serving-policies\/00001\.ndjson, line 1: .*seen/,
    ],
    [
      'settings of no number',
      change('model-settings/00001.ndjson', () => '{"model":"m","keepVersions":0}\n'),
      /model-settings\/00001\.ndjson, line 1: keepVersions/,
    ],
    [
      'a wrong row',
      change('items/00001.ndjson', () => '{"itemId":"a","hidden":"maybe"}\n'),
      /items\/00001\.ndjson, line 1: hidden must be true or false/,
    ],
    [
      'a row twice',
      change('interactions/00001.ndjson', (text) => text + text),
      /interaction of user "ann" with item "film-1" \(stars\) is there twice/,
    ],
    [
      'a format to come',
      change('stillhouse.json', (text) => text.replace('"format": 1', '"format": 2')),
      /it has format 2, of Stillhouse [\d.]+; this one reads formats up to 1/,
    ],
    [
      'another count',
      change('manifest.json', (text) => text.replace('"items": 2', '"items": 3')),
      /it has 2 rows of items; manifest\.json says 3/,
    ],
    [
      'no manifest that can be read',
      change('manifest.json', () => '{"format":1}'),
      /manifest\.json is not as it should be/,
    ],
  ])('%s', async (_what, edit, reason) => {
    await expect(restored(await tarOf(edit(members)), second)).rejects.toThrow(reason);
    expect(await isEmpty(second.store)).toBe(true);
  });

  it.each<[string, (tar: Buffer) => Buffer, RegExp]>([
    ['a text', () => Buffer.from('userId,itemId\n'), /it is no tar; GET \/exports\/all gives one/],
    ['nothing', () => Buffer.alloc(0), /it is no tar/],
    ['cut in a member', (tar) => tar.subarray(0, 1_300), /^The tar ends in the middle/],
    ['cut gzip', (tar) => gzipSync(tar).subarray(0, -20), /gzip file ends in the middle/],
  ])('%s', async (_what, edit, reason) => {
    await expect(restored(edit(tar), second)).rejects.toThrow(reason);
    expect(await isEmpty(second.store)).toBe(true);
  });

  it('the right one', async () => {
    await restored(tar, second);
    expect((await exported(second)).equals(tar)).toBe(true);
  });

  it('a file of a model cannot lead out of the artifacts', async () => {
    const [head, manifest] = await membersOf(await exported(await installation()));
    const tar = await tarOf([head!, { name: 'artifacts/../../x', text: 'x' }, manifest!]);
    await expect(restored(tar, await installation())).rejects.toThrow(/is not an artifact key/);
  });
});

it('ends with its reader', async () => {
  const first = await installation();
  await first.store.catalogue.putItems(
    Array.from({ length: 400 }, (_, i) => item(`i${i}`, { features: { text: 'x'.repeat(20_000) } })),
  );
  const tar = await writeBackup(
    { backup: first.store.backup, artifacts: first.artifacts },
    { models: false },
  );
  for await (const chunk of tar) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  expect(tar.destroyed).toBe(true);
});
