import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findS3Server } from '../../../scripts/setup/s3.mjs';
import { createS3Store, type S3Store } from '../../../src/artifact/store/s3-store.ts';
import { artifactStoreSuite } from '../../contract/artifact-store-suite.ts';
import { type FaultyProxy, startFaultyProxy } from '../../helpers/faulty-proxy.ts';
import { CREDENTIALS, hasLastingS3, NO_S3, startTestS3, type TestS3 } from '../../helpers/s3.ts';

if (!findS3Server()) test.skip(NO_S3);

const MANIFEST = 'manifest.json';

describe.runIf(findS3Server())('S3', () => {
  let server: TestS3;
  let proxy: FaultyProxy;
  let url: string;
  beforeAll(async () => {
    server = await startTestS3();
    proxy = await startFaultyProxy(server.endpoint);
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });

  async function open({ endpoint = server.endpoint, attempts = 5 } = {}): Promise<S3Store> {
    url = (await server.createBucket()).ARTIFACTS_URL;
    return createS3Store({ url, endpoint, pathStyle: true, attempts });
  }

  artifactStoreSuite('a bucket', open);

  test('folders of more blobs than a page or a batch holds are listed and removed', async () => {
    const { ARTIFACTS_URL } = await server.createBucket();
    const few = { url: ARTIFACTS_URL, endpoint: server.endpoint, pathStyle: true, atOnce: 3 };
    const store = createS3Store(few);
    const keys = Array.from({ length: 10 }, (_, i) => `m/${i}`);
    for (const key of keys) await store.put(key, Buffer.from('x'));
    expect((await store.list('m')).map(({ key }) => key)).toEqual(keys);
    await store.remove('m');
    expect(await store.list('m')).toEqual([]);
  });

  describe('that fails now and then', () => {
    let store: S3Store;
    beforeEach(async () => {
      store = await open({ endpoint: proxy.address });
    });
    afterEach(() => proxy.misbehave(null));

    test.each([{ status: 500, code: 'InternalError' }, { status: 503, code: 'SlowDown' }, 'reset'] as const)(
      'is asked again after %j',
      async (fault) => {
        proxy.misbehave(({ number }) => (number % 2 === 1 ? fault : undefined));
        await store.put('m/a', Buffer.from('x'));
        expect((await store.get('m/a')).toString()).toBe('x');
        expect(await store.list('m')).toHaveLength(1);
        await store.remove('m');
        expect(await store.stat('m/a')).toBeNull();
        expect(proxy.requests().length).toBeGreaterThanOrEqual(10);
      },
    );

    test('is asked for the rest of a body that breaks off', async () => {
      const bytes = randomBytes(300_000);
      await store.put('a', bytes);
      proxy.misbehave(({ method }) => (method === 'GET' ? { cutAfter: 100_000 } : undefined));
      expect((await store.get('a')).equals(bytes)).toBe(true);
      expect((await buffer(await store.open('a'))).equals(bytes)).toBe(true);
      const part = await buffer(await store.open('a', { start: 50_000, end: 249_999 }));
      expect(part.equals(bytes.subarray(50_000, 250_000))).toBe(true);
    });

    test('is given up when nothing comes any more', async () => {
      store = await open({ endpoint: proxy.address, attempts: 2 });
      await store.put('a', randomBytes(300_000));
      proxy.misbehave(({ number }) => (number === 1 ? { cutAfter: 100_000 } : { cutAfter: 0 }));
      await expect(store.get('a')).rejects.toMatchObject({ code: 'store-unavailable' });
    });

    test('is asked again for bytes that are not those that were written', async () => {
      const bytes = randomBytes(100_000);
      await store.put('a', bytes);
      proxy.misbehave(({ number }) => (number === 1 ? { flipAt: 77 } : undefined));
      expect((await store.get('a')).equals(bytes)).toBe(true);
      proxy.misbehave(() => ({ flipAt: 77 }));
      const refused = { code: 'store-unavailable', detail: expect.stringMatching(/artifact a .*checksum/) };
      await expect(store.get('a')).rejects.toMatchObject(refused);
      await expect(store.open('a').then(buffer)).rejects.toMatchObject(refused);
    });

    test('keeps no parts of a stream that could not be stored as a whole', async () => {
      await store.put('a', Buffer.from('before'));
      const last = (path: string) => path.includes('partNumber=2');
      proxy.misbehave(({ path }) => (last(path) ? { status: 403, code: 'AccessDenied' } : undefined));
      const source = Readable.from([Buffer.alloc(2 ** 24), Buffer.alloc(2 ** 23)]);
      await expect(store.put('a', source)).rejects.toMatchObject({ code: 'store-unavailable' });
      expect((await store.get('a')).toString()).toBe('before');
      const client = new S3Client({ endpoint: server.endpoint, region: 'us-east-1', forcePathStyle: true });
      const Bucket = new URL(url).host;
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      expect(Uploads).toEqual([]);
    });

    test('shows no folder of which a file could not be written', async () => {
      const files = new Map(['a', 'b', 'c', MANIFEST].map((name) => [name, Buffer.from(name)]));
      proxy.misbehave(({ path }) =>
        path.includes('/m/c?') ? { status: 403, code: 'AccessDenied' } : undefined,
      );
      await expect(store.putFolder('m', files)).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await store.list('m')).toEqual([]);
    });
  });

  describe('that cannot be used', () => {
    const reason = async (store: S3Store) => {
      const failures = await Promise.all([
        store.get('m/a').catch((error) => error),
        store.put('m/a', Buffer.from('x')).catch((error) => error),
      ]);
      for (const failure of failures) {
        expect(failure.code).toBe('store-unavailable');
        expect(JSON.stringify([failure, failure.detail, failure.stack])).not.toContain('stillhouse-test');
      }
      return failures[0].detail as string;
    };

    test('asks to slow down, for too long', async () => {
      const store = await open({ endpoint: proxy.address, attempts: 2 });
      proxy.misbehave(() => ({ status: 503, code: 'SlowDown' }));
      const bucket = new URL(url).host;
      expect(await reason(store)).toBe(
        `artifact m/a cannot be read in bucket ${bucket}: the store asks to slow down (SlowDown, status 503)`,
      );
      proxy.misbehave(null);
    });

    test('is not there', async () => {
      const store = await open({ endpoint: 'http://127.0.0.1:9', attempts: 2 });
      expect(await reason(store)).toMatch(/nobody listens at the address \(ECONNREFUSED\)$/);
    });

    test('has no such bucket', async () => {
      const store = createS3Store({ url: 's3://nowhere', endpoint: server.endpoint, pathStyle: true });
      expect(await reason(store)).toMatch(/in bucket nowhere: there is no such bucket \(NoSuchBucket/);
    });

    // moto takes any credentials.
    test.runIf(hasLastingS3())('refuses the credentials', async () => {
      process.env.AWS_SECRET_ACCESS_KEY = 'another';
      try {
        expect(await reason(await openAnew())).toMatch(/the store refuses these credentials/);
        process.env.AWS_ACCESS_KEY_ID = 'somebody';
        expect(await reason(await openAnew())).toMatch(
          /\(\w+NotFound, status 404\)|does not know these credentials/,
        );
      } finally {
        Object.assign(process.env, CREDENTIALS);
      }
    });

    const openAnew = async () =>
      createS3Store({ url: 's3://test-1', endpoint: server.endpoint, pathStyle: true });
  });

  // moto forgets everything when it ends.
  describe.runIf(hasLastingS3())('that is killed', () => {
    afterEach(async () => {
      proxy.misbehave(null);
      await server.start();
    });

    /** Kills the server while it has the request of this number; those that follow find it dead. */
    async function killAt(count: number): Promise<void> {
      let isDead = () => {};
      const until = new Promise<void>((resolve) => {
        isDead = resolve;
      });
      await new Promise<void>((resolve) => {
        proxy.misbehave(({ number }) => {
          if (number === count) resolve();
          return number > count ? { until } : undefined;
        });
      });
      await server.kill();
      isDead();
    }

    test.each([3, 9, 12])(
      'while a folder is written, at request %d, shows it whole or not at all',
      async (count) => {
        const store = await open({ endpoint: proxy.address, attempts: 2 });
        const names = Array.from({ length: 10 }, (_, i) => `f${i}`);
        const files = new Map([...names, MANIFEST].map((name) => [name, randomBytes(50_000)]));
        const writing = store.putFolder('m', files).catch((error) => error);
        await killAt(count);
        const failure = await writing;
        // The twelfth request writes the manifest, and may be done when the server dies.
        if (count < 12 || failure) expect(failure).toMatchObject({ code: 'store-unavailable' });
        await server.start();
        proxy.misbehave(null);
        const isThere = await store.stat(`m/${MANIFEST}`);
        if (count < 12) expect(isThere).toBeNull();
        if (!isThere) await store.putFolder('m', files);
        for (const [name, bytes] of files) expect((await store.get(`m/${name}`)).equals(bytes)).toBe(true);
      },
    );

    test('while a stream is written, keeps what was there', async () => {
      const store = await open({ endpoint: proxy.address, attempts: 2 });
      await store.put('imports/a', Buffer.from('before'));
      const source = Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(2 ** 20, 7)));
      const writing = store.put('imports/a', source).catch((error) => error);
      await killAt(3);
      expect(await writing).toMatchObject({ code: 'store-unavailable' });
      await server.start();
      proxy.misbehave(null);
      expect((await store.get('imports/a')).toString()).toBe('before');
    });
  });
});
