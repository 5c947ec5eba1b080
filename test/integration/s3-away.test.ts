import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findS3Server } from '../../scripts/setup/s3.mjs';
import { createArtifactStore } from '../../src/artifact/store/create-store.ts';
import type { ArtifactStore } from '../../src/artifact/store/store.ts';
import { readConfig } from '../../src/core/config.ts';
import { createStore } from '../../src/store/create-store.ts';
import type { Store } from '../../src/store/store.ts';
import { runImport } from '../../src/worker/import/import-runner.ts';
import { sampleFiles, sampleWeights } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { CREDENTIALS, hasLastingS3, NO_S3, startTestS3, type TestS3 } from '../helpers/s3.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { interaction } from '../helpers/store.ts';

if (!hasLastingS3()) it.skip(findS3Server() ? 'S3 that is killed: NOT RUN, moto forgets its objects' : NO_S3);

const ITEMS = 50;
const USERS = 7;
const ANSWERS = 500;
const AT_ONCE = 10;

describe.runIf(hasLastingS3())('an installation whose S3 is killed', () => {
  let s3: TestS3;
  let env: Record<string, string>;
  let dataDir: string;
  let store: Store;
  let artifacts: ArtifactStore;
  const services: TestService[] = [];

  beforeAll(async () => {
    s3 = await startTestS3();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-s3-away-'));
    env = { ...CREDENTIALS, ...(await s3.createBucket()) };
    const config = readConfig({ ...env, DATA_DIR: dataDir, ARTIFACTS_CACHE_MIB: '0' });
    store = await createStore(config.databaseUrl);
    artifacts = createArtifactStore(config);
    const artifact = 'models/movies/job_1';
    const files = sampleFiles(sampleWeights(ITEMS, 8), 'movies');
    await artifacts.putFolder(artifact, files);
    const summary = { metrics: {}, compressionRatio: 1 };
    const shape = { bytes: 1, items: ITEMS, dimensions: 8, summary };
    await store.interactions.add(
      Array.from({ length: USERS }, (_, user) => ({
        ...interaction(),
        userId: `user-${user}`,
        itemId: `item-${user}`,
      })),
    );
    await store.models.publish({ model: 'movies', jobId: 'job_1', artifact, ...shape }, 'stable');
  });
  afterAll(async () => {
    for (const service of services) await service.dispose();
    await store?.close();
    await s3?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function startApi(more: Record<string, string> = {}, waitsUntilReady = true) {
    const service = await startService({
      program: 'api',
      dataDir,
      env: { ...env, ...more },
      waitsUntilReady,
    });
    services.push(service);
    return service;
  }

  const modelsOf = async (api: TestService) => (await api.send('GET', '/models')).body;

  it('serves on without a failure, and starts again from its cache', async () => {
    const api = await startApi();
    expect(JSON.stringify(await modelsOf(api))).toContain('"state":"live"');
    let asked = 0;
    const failures: unknown[] = [];
    const ask = async () => {
      while (asked < ANSWERS) {
        const n = asked++;
        if (n === ANSWERS / 5) await s3.kill();
        const { status, body } = await api.send('GET', `/recommend/user-${n % USERS}`);
        if (status !== 200 || body.source !== 'student') failures.push({ n, status, body });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    expect(failures).toEqual([]);
    await api.stop();

    const again = await startApi();
    expect(JSON.stringify(await modelsOf(again))).toContain('"state":"live"');
    expect(again.output()).toContain('the artifact store is away; copies on this disk are used');
    expect(again.output()).not.toContain(CREDENTIALS.AWS_ACCESS_KEY_ID);
    const { status, body } = await again.send(
      'POST',
      '/imports?kind=interactions&format=csv',
      'userId,itemId\na,b\n',
      'text/csv',
    );
    expect([status, body.code]).toEqual([503, expect.stringMatching(/unavailable$/)]);
    await again.stop();
  });

  it('loads a model by itself when S3 is back, where there is no copy of it', async () => {
    await s3.kill();
    const api = await startApi({ ARTIFACTS_CACHE_DIR: path.join(dataDir, 'another-cache') }, false);
    await eventually('the api answers', () => api.send('GET', '/health/live').catch(() => null));
    expect((await api.send('GET', '/health/ready')).status).toBe(503);
    expect(JSON.stringify(await modelsOf(api))).toMatch(/cannot be read in bucket test-\d+: nobody listens/);
    await s3.start();
    await eventually('the model is live', async () =>
      JSON.stringify(await modelsOf(api)).includes('"state":"live"'),
    );
    expect((await api.send('GET', '/health/ready')).status).toBe(200);
    await api.stop();
  });

  it('stores each row of an upload once, although S3 dies while it is imported', async () => {
    await s3.start();
    const ROWS = 60_000;
    const lines = Array.from(
      { length: ROWS },
      (_, row) => `user-${row % 100},item-${Math.trunc(row / 100)},click\n`,
    );
    const file = 'imports/job_2';
    await artifacts.put(file, Buffer.from(`userId,itemId,type\n${lines.join('')}`));
    let kills = 0;
    const importing = (places: Pick<ArtifactStore, 'open'>) =>
      runImport({
        jobId: 'job_2',
        spec: { type: 'import', kind: 'interactions', format: 'csv', file, bytes: 1 } as never,
        store,
        artifacts: { ...artifacts, ...places },
        importUrls: [],
        importDir: undefined,
        signal: new AbortController().signal,
        onProgress: () => {},
        now: Date.now,
      });
    const dying = {
      async open(key: string) {
        const stream = await artifacts.open(key);
        stream.once('data', () => {
          kills++;
          void s3.kill();
        });
        return stream;
      },
    };
    const first = await importing(dying).then(
      () => null,
      (error) => error,
    );
    expect(kills).toBe(1);
    // What was on its way when the server died may have been all of the file.
    if (first) expect(first).toMatchObject({ code: 'store-unavailable' });
    await s3.start();
    const { accepted, duplicates, rejected } = await importing(artifacts);
    expect([accepted + duplicates, rejected]).toEqual([ROWS, 0]);
    expect(await store.interactions.countUpTo(10 * ROWS)).toBe(ROWS + USERS);
  });
});
