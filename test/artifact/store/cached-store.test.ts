import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { findS3Server } from '../../../scripts/setup/s3.mjs';
import { createCachedStore } from '../../../src/artifact/store/cached-store.ts';
import { createFileCache } from '../../../src/artifact/store/file-cache.ts';
import { createS3Store } from '../../../src/artifact/store/s3-store.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';
import { artifactStoreSuite } from '../../contract/artifact-store-suite.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type FaultyProxy, startFaultyProxy } from '../../helpers/faulty-proxy.ts';
import { NO_S3, startTestS3, type TestS3 } from '../../helpers/s3.ts';

if (!findS3Server()) test.skip(NO_S3);

describe.runIf(findS3Server())('S3 behind a cache', () => {
  let server: TestS3;
  let proxy: FaultyProxy;
  let folder: string;
  let direct: ArtifactStore;
  let store: ArtifactStore;
  const logger = { warn: vi.fn(), info: vi.fn() };
  const bytes = (text: string) => Buffer.from(text);

  beforeAll(async () => {
    server = await startTestS3();
    proxy = await startFaultyProxy(server.endpoint);
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-cache-'));
    store = await openStore();
    vi.clearAllMocks();
  });
  afterEach(async () => {
    proxy.misbehave(null);
    await rm(folder, { recursive: true, force: true });
  });

  async function openStore() {
    const { ARTIFACTS_URL: url } = await server.createBucket();
    direct = createS3Store({ url, endpoint: server.endpoint, pathStyle: true });
    const behind = createS3Store({ url, endpoint: proxy.address, pathStyle: true, attempts: 1 });
    const impatient = { patienceMs: 200, awayMs: 100 };
    return createCachedStore(behind, createFileCache(folder, 2 ** 20), logger, impatient);
  }

  artifactStoreSuite('a cached bucket', openStore);

  /** Flips the last byte of every copy. */
  async function damageCopies() {
    for (const name of await readdir(folder)) {
      const file = await open(path.join(folder, name), 'r+');
      const { size } = await file.stat();
      await file.write(Buffer.from('?'), 0, 1, size - 1);
      await file.close();
    }
  }

  test('fetches a blob once, and asks from then on whether it is still the same', async () => {
    await direct.put('a', bytes('one'));
    expect((await store.get('a')).toString()).toBe('one');
    proxy.misbehave(({ method }) => (method === 'GET' ? { cutAfter: 0 } : undefined));
    expect((await store.get('a')).toString()).toBe('one');
    expect(proxy.requests()).toHaveLength(1);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  test('never answers with what the store has no longer', async () => {
    await direct.put('a', bytes('one'));
    await store.get('a');
    await direct.put('a', bytes('two'));
    expect((await store.get('a')).toString()).toBe('two');
    await direct.remove('a');
    await expect(store.get('a')).rejects.toMatchObject({ code: 'not-found' });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['is cut off', 'reset'],
    ['fails', { status: 503, code: 'SlowDown' }],
    ['hangs', { delayMs: 2000 }],
  ] as const)('answers from its copies while the store %s, and says so once', async (_how, fault) => {
    await direct.put('a', bytes('one'));
    await direct.put('b', bytes('two'));
    await store.get('a');
    proxy.misbehave(() => fault);
    for (let i = 0; i < 5; i++) expect((await store.get('a')).toString()).toBe('one');
    expect(logger.warn).toHaveBeenCalledOnce();
    if (fault !== 'reset' && 'delayMs' in fault) return;
    await expect(store.get('b')).rejects.toMatchObject({ code: 'store-unavailable' });
    proxy.misbehave(null);
    const again = await eventually('the store is asked again', () => store.get('b').catch(() => null));
    expect(again.toString()).toBe('two');
    expect(logger.info).toHaveBeenCalledOnce();
  });

  test('fetches again what is damaged on its disk, and never answers with it', async () => {
    await direct.put('a', bytes('one'));
    await store.get('a');
    await damageCopies();
    expect((await store.get('a')).toString()).toBe('one');
    await damageCopies();
    proxy.misbehave(() => 'reset');
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store-unavailable' });
  });

  test('answers from the store where no copy can be kept, and says why', async () => {
    await direct.put('a', bytes('one'));
    await rm(folder, { recursive: true });
    await (await open(folder, 'w')).close();
    expect((await store.get('a')).toString()).toBe('one');
    expect(logger.warn).toHaveBeenCalledWith(
      { reason: expect.stringMatching(/ENOTDIR|EEXIST/) },
      'the cache of artifacts cannot be written',
    );
  });
});
