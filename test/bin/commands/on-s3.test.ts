import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findS3Server } from '../../../scripts/setup/s3.mjs';
import { createArtifactStore } from '../../../src/artifact/store/create-store.ts';
import { fingerprint } from '../../../src/artifact/store/fingerprint.ts';
import { readConfig } from '../../../src/core/config.ts';
import { DEFAULT_ALIAS } from '../../../src/domain/jobs/distillation-spec.ts';
import { createStore } from '../../../src/store/create-store.ts';
import { CREDENTIALS, NO_S3, startTestS3, type TestS3 } from '../../helpers/s3.ts';

const program = fileURLToPath(new URL('../../../dist/bin/stillhouse.js', import.meta.url));
const ARTIFACT = 'models/movies/job_1';

if (!findS3Server()) it.skip(NO_S3);

describe.runIf(findS3Server())('stillhouse with its artifacts in a bucket', () => {
  let server: TestS3;
  let folder: string;
  beforeAll(async () => {
    server = await startTestS3();
    folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-on-s3-'));
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function installation(name: string) {
    const env = { DATA_DIR: path.join(folder, name), ...(await server.createBucket()) };
    const stillhouse = async (...args: string[]) => {
      const child = spawn(process.execPath, [program, ...args], {
        env: { PATH: process.env.PATH ?? '', ...CREDENTIALS, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
      const [code] = await once(child, 'close');
      return { code, said };
    };
    const config = readConfig(env);
    return { config, artifacts: createArtifactStore(config), stillhouse };
  }

  it('is verified, backed up and restored into another one', async () => {
    const one = await installation('one');
    const weights = Buffer.from('w'.repeat(100));
    const manifest = Buffer.from(JSON.stringify({ files: { weights: fingerprint(weights) } }));
    const files = new Map([
      ['weights', weights],
      ['manifest.json', manifest],
    ]);
    await one.artifacts.putFolder(ARTIFACT, files);
    const store = await createStore(one.config.databaseUrl);
    const of = { model: 'movies', jobId: 'job_1', artifact: ARTIFACT, bytes: 100, items: 1, dimensions: 1 };
    const summary = { metrics: {}, compressionRatio: 1 };
    await store.models.publish({ ...of, summary }, DEFAULT_ALIAS);
    await store.close();
    expect(await one.stillhouse('verify')).toMatchObject({
      code: 0,
      said: expect.stringContaining('All is sound: the database, and 1 stored versions.'),
    });

    const file = path.join(folder, 'backup.tar');
    expect(await one.stillhouse('backup', file)).toMatchObject({ code: 0 });
    const two = await installation('two');
    expect(await two.stillhouse('restore', file)).toMatchObject({
      code: 0,
      said: expect.stringContaining('1 versions'),
    });
    expect((await two.artifacts.get(`${ARTIFACT}/weights`)).equals(weights)).toBe(true);

    await two.artifacts.put(`${ARTIFACT}/weights`, Buffer.from('v'.repeat(100)));
    expect(await two.stillhouse('verify')).toMatchObject({
      code: 1,
      said: expect.stringContaining('Version 1 of movies is damaged: weights is damaged'),
    });
  });
});
