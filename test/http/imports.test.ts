import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

const CSV = 'userId,itemId,rating\nann,film-7,5\n';
const ROUTE = '/imports?kind=interactions&format=csv';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
beforeEach(() => {
  service.queue.up = true;
});
afterAll(() => service.close());

const stored = (file: string) => readFile(path.join(service.folder, 'artifacts', file));
const uploads = () => readdir(path.join(service.folder, 'artifacts', 'imports')).catch(() => []);
const jobCount = async () => (await service.store.jobs.list({}, 1000)).rows.length;

describe('POST /imports', () => {
  it('keeps the file and queues a job', async () => {
    const answer = await request(service.url)
      .post(`${ROUTE}&type=click`)
      .type('text/csv')
      .send(CSV)
      .expect(202);
    expect(answer.headers.location).toBe(`/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({ type: 'import', state: 'queued', model: null });
    const file = `imports/${answer.body.id}.csv`;
    const spec = {
      type: 'import',
      kind: 'interactions',
      format: 'csv',
      interactionType: 'click',
      file,
      bytes: CSV.length,
      maxRejects: 10_000,
    };
    expect(answer.body.spec).toEqual(spec);
    expect((await stored(file)).toString()).toBe(CSV);
    expect(service.queue.queued).toContain(answer.body.id);
    expect((await request(service.url).get(answer.headers.location!)).body.spec).toEqual(spec);
  });

  it('never stores, answers or logs the query of an address, and seals it for the worker', async () => {
    const guarded = await startService({ importUrls: ['https://files.example/'] });
    const url = encodeURIComponent('https://files.example/a.csv?sig=s3cret#x');
    const { body } = await request(guarded.url).post(`${ROUTE}&url=${url}`).expect(202);
    expect(body.spec.url).toBe('https://files.example/a.csv');
    expect(body.spec.sealedQuery).toMatch(/^[\w-]{40,}$/);
    const { body: asked } = await request(guarded.url).get(`/jobs/${body.id}`).expect(200);
    const events = await guarded.store.jobs.events(body.id, 0, 10);
    expect(JSON.stringify([body, asked, events, guarded.log])).not.toContain('s3cret');
    await guarded.close();
  });

  it('keeps the wish that rows without a time get that of their receipt', async () => {
    const post = (query: string) =>
      request(service.url).post(`/imports?format=csv&${query}`).type('text/csv').send(CSV);
    const { body } = await post('kind=interactions&timestamps=received').expect(202);
    expect(body.spec).toMatchObject({ timestamps: 'received' });
    expectProblem(
      await post('kind=interactions&timestamps=now'),
      400,
      'invalid-request',
      /^timestamps must be .*given.*received; got "now"/,
    );
    expectProblem(await post('kind=items&timestamps=received'), 400, 'invalid-request', /timestamps/);
  });

  it('lets a cancelled job take its upload along', async () => {
    const { body } = await request(service.url).post(ROUTE).type('text/csv').send(CSV).expect(202);
    expect(await uploads()).toContain(`${body.id}.csv`);
    await request(service.url).post(`/jobs/${body.id}/cancel`).expect(200);
    expect(await uploads()).not.toContain(`${body.id}.csv`);
  });

  it.each(['application/x-ndjson', 'application/octet-stream', 'text/plain', 'application/json', 'made/up'])(
    'takes a body called %s as it is',
    async (type) => {
      const answer = await request(service.url)
        .post('/imports?kind=items&format=ndjson')
        .set('content-type', type)
        .serialize(String)
        .send('{"itemId"')
        .expect(202);
      expect((await stored(answer.body.spec.file)).toString()).toBe('{"itemId"');
    },
  );

  it('takes the file of a form, packed or not', async () => {
    for (const bytes of [Buffer.from(CSV), gzipSync(CSV)]) {
      const answer = await request(service.url).post(ROUTE).attach('file', bytes, 'a.csv').expect(202);
      expect(await stored(answer.body.spec.file)).toEqual(bytes);
      expect(answer.body.spec.bytes).toBe(bytes.length);
    }
  });

  it('refuses a form without a file, with several, or broken', async () => {
    const none = await request(service.url).post(ROUTE).field('a', 'b');
    expectProblem(none, 400, 'invalid-request', /curl -F file=@ratings.csv/);
    const two = await request(service.url)
      .post(ROUTE)
      .attach('a', Buffer.from(CSV), 'a')
      .attach('b', Buffer.from(CSV), 'b');
    expectProblem(two, 400, 'invalid-request', /several files/);
    const broken = await request(service.url)
      .post(ROUTE)
      .set('content-type', 'multipart/form-data')
      .send('x');
    expectProblem(broken, 400, 'invalid-request', /The form cannot be read/);
  });

  it('keeps gzip as gzip', async () => {
    const bytes = gzipSync(CSV);
    const answer = await fetch(service.url + ROUTE, {
      method: 'POST',
      headers: { 'content-encoding': 'gzip' },
      body: bytes,
    });
    const { spec } = (await answer.json()) as { spec: { file: string; bytes: number } };
    expect(spec.file).toMatch(/\.csv\.gz$/);
    expect(await stored(spec.file)).toEqual(bytes);
    expect(spec.bytes).toBe(bytes.length);
  });

  it('streams what is larger than any body limit, without holding it in memory', async () => {
    const chunk = randomBytes(1024 * 1024);
    const chunks = 96;
    let peak = 0;
    const source = Readable.from(
      (function* () {
        for (let i = 0; i < chunks; i++) {
          peak = Math.max(peak, process.memoryUsage().arrayBuffers);
          yield chunk;
        }
      })(),
    );
    const before = process.memoryUsage().arrayBuffers;
    const { status, body } = await upload(source);
    expect(status).toBe(202);
    expect(body.spec.bytes).toBe(chunks * chunk.length);
    expect(peak - before).toBeLessThan((chunks / 2) * chunk.length);
  });

  it.each([
    ['/imports?format=csv', /kind is missing/],
    ['/imports?kind=interactions', /format is missing/],
    [
      '/imports?kind=ratings&format=csv',
      /kind must be one of interactions, items, users, teacher; got "ratings"/,
    ],
    ['/imports?kind=items&format=xlsx', /format must be one of csv, ndjson, parquet; got "xlsx"/],
    [`${ROUTE}&type=7up`, /type must be a name of 1-64 letters.*; got "7up"/],
    ['/imports?kind=items&format=csv&type=click', /type only belongs to kind=interactions/],
    [`${ROUTE}&cols=a`, /cols is not known here; known are kind, format, type/],
  ])('refuses %s', async (route, detail) => {
    const before = await uploads();
    expectProblem(await request(service.url).post(route).send(CSV), 400, 'invalid-request', detail);
    expect(await uploads()).toEqual(before);
  });

  it('refuses an empty body and leaves nothing of it', async () => {
    const [files, jobs] = [await uploads(), await jobCount()];
    expectProblem(
      await request(service.url).post(ROUTE),
      400,
      'invalid-request',
      /body is empty.*--data-binary/,
    );
    const empty = await request(service.url).post(ROUTE).type('text/csv').send('');
    expectProblem(empty, 400, 'invalid-request', /body is empty/);
    expect((await upload(Readable.from([]))).status).toBe(400);
    expect([await uploads(), await jobCount()]).toEqual([files, jobs]);
  });

  it('refuses other encodings', async () => {
    const answer = await request(service.url).post(ROUTE).set('content-encoding', 'br').send(CSV);
    expectProblem(
      answer,
      415,
      'unsupported-media-type',
      /Content-Encoding must be gzip, zstd or identity; got br/,
    );
  });

  it('leaves neither file nor job when the queue is away, now or after the upload', async () => {
    const [files, jobs] = [await uploads(), await jobCount()];
    service.queue.up = false;
    const first = await request(service.url).post(ROUTE).send(CSV);
    expectProblem(first, 503, 'queue-unavailable', /queue/);
    expect(first.headers['retry-after']).toBe('5');
    const { healthy } = service.queue;
    service.queue.healthy = () => true;
    expectProblem(await request(service.url).post(ROUTE).send(CSV), 503, 'queue-unavailable', /queue/);
    service.queue.healthy = healthy;
    expect([await uploads(), await jobCount()]).toEqual([files, jobs]);
  });

  it('leaves nothing of an upload that breaks off', async () => {
    const everything = () => readdir(path.join(service.folder, 'artifacts'), { recursive: true });
    const [files, jobs] = [await everything(), await jobCount()];
    const errors = () => service.log.filter((line) => line.includes('"level":50')).length;
    const errorsBefore = errors();
    const client = http.request(service.url + ROUTE, { method: 'POST', headers: { 'content-length': 1000 } });
    client.on('error', () => {});
    client.write('userId,itemId\n');
    await eventually('the upload has begun', async () => (await everything()).length > files.length);
    client.destroy();
    await eventually('nothing is left', async () => (await everything()).length === files.length);
    expect([await everything(), await jobCount()]).toEqual([files, jobs]);
    expect(service.log.join('')).toContain('the client went away');
    expect(errors()).toBe(errorsBefore);
  });
});

function upload(source: Readable): Promise<{ status: number; body: { spec: { bytes: number } } }> {
  return new Promise((resolve, reject) => {
    const client = http.request(service.url + ROUTE, { method: 'POST' }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    pipeline(source, client).catch(reject);
  });
}

describe('how the file is read', () => {
  const post = (query: string) =>
    request(service.url).post(`/imports?kind=interactions&format=csv&${query}`).type('text/csv').send(CSV);

  it('is kept in the job: a named mapping, columns, delimiter, limit, dry run', async () => {
    const { body } = await post('mapping=movielens-100k&maxRejects=5&dryRun=true').expect(202);
    expect(body.spec).toMatchObject({
      header: false,
      delimiter: '\t',
      columns: { userId: ['1'], itemId: ['2'], rating: ['3'], timestamp: ['4'] },
      maxRejects: 5,
      dryRun: true,
    });
    const other = await post('columns=userId:u,itemId:i%7Cj&delimiter=tab&type=like').expect(202);
    expect(other.body.spec).toMatchObject({
      delimiter: '\t',
      columns: { userId: ['u'], itemId: ['i', 'j'] },
      interactionType: 'like',
    });
  });

  it.each([
    ['columns=userId', /columns must be pairs such as/],
    ['header=false', /header=false needs names/],
    ['preset=netflux', /preset must be one of stillhouse, .*netflix/],
    ['preset=mind&mapping=mind', /former name of preset/],
    [
      'preset=steam',
      /preset steam has no interactions as csv; it has interactions \(ndjson\), items \(ndjson\)/,
    ],
    ['names=userId,,x', /names has an empty name/],
    ['names=a,a', /names has a twice/],
    ['names=userId,itemId&header=true', /leave out one of names and header/],
    ['quote=%27%27', /quote must be one sign or none/],
    ['encoding=utf-9', /encoding must be auto or a name such as windows-1252/],
    ['decimal=;', /decimal must be one of/],
    ['comment=%23%23%23%23', /comment must .*3.*; got "####"/],
    ['valueSeparator=----', /valueSeparator must .*3.*; got "----"/],
    ['values=true', /values must be pairs such as true:1,false:-1/],
    ['values=true:yes', /values must give numbers/],
    ['types=1', /types must be pairs such as/],
    ['timezone=Berlin', /timezone must be a zone such as Europe.Berlin/],
    ['timestampFormat=QQQ', /timestampFormat "QQQ" cannot be used: the token Q is not known/],
    ['timestampFormat=HH:mm', /needs a year/],
    ['trim=maybe', /trim must be true or false/],
    ['delimiter=%22', /delimiter must be/],
    ['url=ftp://x/y', /url/],
    ['url=http://x/y&path=z', /either url or path/],
    ['maxRejects=-1', /maxRejects/],
  ])('is refused as ?%s', async (query, reason) => {
    const before = await uploads();
    expectProblem(await post(query), 400, 'invalid-request', reason);
    expect(await uploads()).toEqual(before);
  });

  it('refuses what belongs to cells for JSON', async () => {
    const answer = await request(service.url)
      .post('/imports?kind=interactions&format=ndjson&valueSeparator=-')
      .send('{}');
    expectProblem(answer, 400, 'invalid-request', /valueSeparator belongs to format=csv/);
  });

  it('refuses an address that is not allowed, and values for items', async () => {
    expectProblem(await post('url=http://127.0.0.1:9/x.csv'), 403, 'source-not-allowed', /IMPORT_URLS/);
    expectProblem(await post('path=../x.csv'), 403, 'source-not-allowed', /^path must be within IMPORT_DIR/);
    const items = await request(service.url).post('/imports?kind=items&format=csv&values=a:1').send(CSV);
    expectProblem(items, 400, 'invalid-request', /values only belongs to kind=interactions/);
  });

  it('has a path in place of a body', async () => {
    const { body } = await request(service.url)
      .post('/imports?kind=items&format=csv&path=a/items.csv')
      .expect(202);
    expect(body.spec).toEqual({
      type: 'import',
      kind: 'items',
      format: 'csv',
      path: 'a/items.csv',
      maxRejects: 10_000,
    });
  });
});

it('lists the bad lines of a job in pages', async () => {
  const { body } = await request(service.url).post(ROUTE).type('text/csv').send(CSV).expect(202);
  const rejects = [1, 2, 3].map((line) => ({ line, reason: 'bad', text: 'a,b' }));
  await service.store.rejects.add(body.id, rejects);
  const first = await request(service.url).get(`/jobs/${body.id}/rejects?limit=2`).expect(200);
  expect(first.body.data).toEqual(rejects.slice(0, 2));
  const rest = await request(service.url)
    .get(`/jobs/${body.id}/rejects?cursor=${first.body.nextCursor}`)
    .expect(200);
  expect(rest.body).toEqual({ data: rejects.slice(2), nextCursor: null });
  expectProblem(await request(service.url).get('/jobs/none/rejects'), 404, 'not-found', /none/);
});
