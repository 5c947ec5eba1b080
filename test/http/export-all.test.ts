import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import request from 'supertest';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { problem } from '../../src/core/errors.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { liveIn, publish } from '../backup/lived-in-store.ts';
import { eventually } from '../helpers/eventually.ts';
import { item } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await liveIn(service.store);
});
afterAll(() => service.close());

async function membersOf(answer: Response): Promise<Map<string, string>> {
  const members = new Map<string, string>();
  const entries = extract();
  Readable.from([Buffer.from(await answer.arrayBuffer())]).pipe(entries);
  for await (const entry of entries) {
    let text = '';
    for await (const chunk of entry) text += chunk;
    members.set(entry.header.name, text);
  }
  return members;
}

it('has a member for every kind, and a manifest with counts and hashes of them', async () => {
  const answer = await fetch(`${service.url}/exports/all`);
  expect(answer.headers.get('content-type')).toBe('application/x-tar');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="stillhouse.tar"');
  const members = await membersOf(answer);
  const manifest = JSON.parse(members.get('manifest.json')!);
  expect(manifest.counts).toMatchObject({
    ...{ interactions: 4, items: 2, rules: 1, schedules: 2 },
    ...{ 'merged-users': 1, 'serving-policies': 2, 'model-settings': 2, 'consumer-positions': 2 },
  });
  expect([...members.keys()]).toEqual([
    ...manifest.files.map(({ name }: { name: string }) => name),
    'manifest.json',
  ]);
  for (const { name, bytes, sha256 } of manifest.files) {
    const text = members.get(name)!;
    expect([name, Buffer.byteLength(text), createHash('sha256').update(text).digest('hex')]).toEqual([
      name,
      bytes,
      sha256,
    ]);
  }
  // The rows that have an export of their own are the same in both.
  for (const kind of ['interactions', 'items', 'users'])
    expect(members.get(`${kind}/00001.ndjson`)).toBe(
      await (await fetch(`${service.url}/exports/${kind}`)).text(),
    );
});

it('says what is wrong', async () => {
  const bad = await request(service.url).get('/exports/all?models=some');
  expectProblem(bad, 400, 'invalid-request', /models must be true or false/);
  const published = await startService();
  await publish(published.store);
  const missing = await request(published.url).get('/exports/all?models=true');
  expectProblem(missing, 409, 'conflict', /models\/movies\/job-1 is missing; models=false/);
  published.store.backup.read = async () => {
    throw problem('store-unavailable', 'The database is not usable: it is locked');
  };
  expectProblem(await request(published.url).get('/exports/all'), 503, 'store-unavailable', /is locked/);
  await published.close();
});

it('has with models=true every version, and the files of those that are not deleted', async () => {
  const published = await startService();
  await publish(published.store);
  for (const job of ['job-1', 'job-2']) {
    const folder = path.join(published.folder, 'artifacts', 'models', 'movies', job);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ job, files: {} }));
  }
  const members = await membersOf(await fetch(`${published.url}/exports/all?models=true`));
  expect([...members.keys()]).toEqual([
    ...['stillhouse.json', 'artifacts/models/movies/job-1/manifest.json'],
    ...['artifacts/models/movies/job-2/manifest.json', 'versions/00001.ndjson', 'aliases/00001.ndjson'],
    ...['alias-moves/00001.ndjson', 'manifest.json'],
  ]);
  const counts = { versions: 3, aliases: 3, 'alias-moves': 6, teachers: 0 };
  expect(JSON.parse(members.get('manifest.json')!).counts).toMatchObject(counts);
  await published.close();
});

it('a key without the admin scope gets nothing', async () => {
  const hash = createHash('sha256').update('reader').digest('hex');
  const guarded = await startService({ apiKeys: parseApiKeys(`${hash}:read+ingest+train`) });
  const answer = await request(guarded.url).get('/exports/all').set('x-api-key', 'reader');
  expectProblem(answer, 403, 'forbidden', /admin/);
  await guarded.close();
});

it.each(['identity', 'gzip'])(
  'a client that goes away ends the export, and nothing else (%s)',
  async (encoding) => {
    const large = await startService();
    const text = () => randomBytes(30_000).toString('hex');
    await large.store.catalogue.putItems(
      Array.from({ length: 400 }, (_, i) => item(`i${i}`, { features: { text: text() } })),
    );
    const { read } = large.store.backup;
    let isOver = false;
    large.store.backup.read = (body) =>
      read(body).finally(() => {
        isOver = true;
      });
    const client = http.get(`${large.url}/exports/all`, { headers: { 'accept-encoding': encoding } });
    client.once('error', () => {});
    const [answer] = (await once(client, 'response')) as [http.IncomingMessage];
    await once(answer, 'data');
    answer.pause();
    client.destroy();
    await eventually('the export is over', () => isOver);
    expect((await fetch(`${large.url}/health/live`)).status).toBe(200);
    await large.close();
  },
);
