import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { createDisk } from '../../src/core/disk.ts';
import { newVersion } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
afterEach(() => service?.close());

const MIB = 2 ** 20;
const CSV = 'userId,itemId\nann,a\n';
const send = (body = CSV) =>
  request(service.url)
    .post('/imports?kind=interactions&format=csv')
    .set('content-type', 'text/csv')
    .send(body);
const uploads = () => createFsStore(`file:${path.join(service.folder, 'artifacts')}`).list('imports');

describe('a disk without room', () => {
  it('refuses imports before they come, warns in /health/ready, and lets them in when there is room', async () => {
    let [time, free] = [0, 100 * MIB];
    const disk = createDisk(['data'], 512 * MIB, { now: () => time, free: async () => free });
    service = await startService({ disk });
    expectProblem(await send(), 507, 'storage-full', /100 MiB free/);
    const low = await request(service.url).get('/health/ready').expect(200);
    expect(low.body.warnings).toEqual([expect.stringContaining('100 MiB free')]);
    expect(low.body.disk).toEqual({ freeBytes: 100 * MIB, leastBytes: 512 * MIB });
    const metrics = await request(service.url).get('/metrics').expect(200);
    expect(metrics.text).toContain(`stillhouse_disk_free_bytes ${100 * MIB}`);
    [time, free] = [2_000, 600 * MIB];
    await send().expect(202);
    // No worker of the lane is here, which is another warning.
    const { warnings } = (await request(service.url).get('/health/ready')).body;
    expect(warnings).toEqual([expect.stringContaining('lane imports')]);
  });

  it('is never blamed on the client', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, close'), { code: 'ENOSPC' });
    const put = async (_key: string, body: Readable | Uint8Array) => {
      for await (const _chunk of body as Readable) throw full;
      throw full;
    };
    service = await startService();
    const artifacts = createFsStore(`file:${path.join(service.folder, 'artifacts')}`);
    await service.close();
    service = await startService({ artifacts: { ...artifacts, put } as never });
    expect((await send()).status).toBeGreaterThanOrEqual(500);
  });
});

describe('uploads', () => {
  it('have a size, one by one and all together', async () => {
    service = await startService({ limits: { uploadBytes: 30, uploadsBytes: 50 } });
    await send().expect(202);
    expectProblem(await send(`${CSV}${'bob,b\n'.repeat(10)}`), 413, 'payload-too-large', /MAX_UPLOAD_MIB/);
    await send().expect(202);
    expectProblem(await send(), 507, 'storage-full', /MAX_UPLOADS_MIB/);
    expect(await uploads()).toHaveLength(2);
  });

  it('that break off are the sender’s', async () => {
    service = await startService();
    const { port } = new URL(service.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      'POST /imports?kind=interactions&format=csv HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 100\r\n\r\nuserId',
    );
    await once(socket, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await expect.poll(() => service.log.some((line) => line.includes('"level":50'))).toBe(false);
    expect(await uploads()).toEqual([]);
  });
});

describe('files of versions', () => {
  const weights = Buffer.alloc(200_000, 'weights');

  /** Counts the bytes that are read of the store. */
  async function withFile(stored = weights) {
    service = await startService();
    const real = createFsStore(`file:${path.join(service.folder, 'artifacts')}`);
    const manifest = Buffer.from(JSON.stringify({ files: { 'w.bin': fingerprint(weights) } }));
    await real.putFolder(
      'models/movies/job_1',
      new Map([
        ['w.bin', stored],
        ['manifest.json', manifest],
      ]),
    );
    const read = { whole: [] as string[], bytes: 0 };
    const artifacts = {
      ...real,
      get: (key: string) => {
        read.whole.push(path.basename(key));
        return real.get(key);
      },
      async open(key: string, range?: { start: number; end: number }) {
        const stream = await real.open(key, range);
        const counted = async function* () {
          for await (const chunk of stream) {
            read.bytes += (chunk as Buffer).length;
            yield chunk;
          }
        };
        return Readable.from(counted());
      },
    };
    const { store } = service;
    await store.models.publish(newVersion({ artifact: 'models/movies/job_1' }), 'stable');
    const { app, close } = service;
    service = await startService({ artifacts, store });
    const own = service.close;
    service.close = async () => {
      await own();
      await app.close().catch(() => {});
      await close().catch(() => {});
    };
    return read;
  }
  const get = (range?: string) => {
    const asked = request(service.url).get('/models/movies/versions/1/files/w.bin');
    return range === undefined ? asked : asked.set('range', range);
  };

  it('are hashed once and streamed: ranges cost what they hold', async () => {
    const read = await withFile();
    const all = await Promise.all(Array.from({ length: 6 }, () => get('bytes=0-0').expect(206)));
    expect(all.map(({ headers }) => headers['content-range'])).toEqual(Array(6).fill('bytes 0-0/200000'));
    expect(read.whole).toEqual(Array(6).fill('manifest.json'));
    expect(read.bytes).toBe(weights.length + 6);
    const whole = await get().expect(200);
    expect(Buffer.compare(whole.body, weights)).toBe(0);
    expect(whole.headers['content-length']).toBe('200000');
  });

  it('are not looked at for who has them, and not read for HEAD', async () => {
    const read = await withFile();
    const { headers } = await request(service.url).head('/models/movies/versions/1/files/w.bin').expect(200);
    expect(headers['content-length']).toBe('200000');
    await get().set('if-none-match', String(headers.etag)).expect(304);
    expect(read.bytes).toBe(0);
  });

  it('that are damaged are not handed out, not in part either', async () => {
    await withFile(Buffer.alloc(200_000, 'wrong'));
    expectProblem(await get('bytes=0-0'), 409, 'conflict', /w\.bin is damaged/);
  });
});
