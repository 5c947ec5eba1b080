import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findS3Server } from '../../../scripts/setup/s3.mjs';
import { createArtifactStore } from '../../../src/artifact/store/create-store.ts';
import { findParquet, type SourcePlaces } from '../../../src/training/source/find-files.ts';
import { NO_S3, startTestS3 } from '../../helpers/s3.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const signal = new AbortController().signal;
const bucketless = {
  artifactsS3Endpoint: undefined,
  artifactsS3Region: undefined,
  artifactsS3PathStyle: 'auto',
} as const;

async function places(part: Partial<SourcePlaces> = {}): Promise<SourcePlaces> {
  const folder = await temporaryFolder();
  return {
    ...bucketless,
    artifactsCacheDir: path.join(folder, 'cache'),
    folder: path.join(folder, 'copies'),
    importUrls: [],
    ...part,
  };
}

describe('files within IMPORT_DIR', () => {
  it('are one, those of a folder, or those of a pattern, in the order of their names', async () => {
    const importDir = await temporaryFolder();
    await mkdir(path.join(importDir, 'march'));
    for (const name of ['b.parquet', 'a.parquet', 'README.md', '_SUCCESS', 'notes.csv'])
      await writeFile(path.join(importDir, 'march', name), name);
    const found = async (parquet: string) =>
      (await findParquet(parquet, await places({ importDir }), signal)).map((file) =>
        path.basename(file.path),
      );
    expect(await found('march')).toEqual(['a.parquet', 'b.parquet']);
    expect(await found('march/b*.parquet')).toEqual(['b.parquet']);
    expect(await found('march/a.parquet')).toEqual(['a.parquet']);
  });

  it.each([
    ['/etc/passwd', 'source-not-allowed', /is not within IMPORT_DIR/],
    ['../x.parquet', 'source-not-allowed', /is not within IMPORT_DIR/],
    ['out', 'source-not-allowed', /is not within IMPORT_DIR/],
    ['none/*.parquet', 'invalid-job', /cannot be read/],
    ['https://example.com/a.parquet', 'invalid-job', /a path within IMPORT_DIR or an address s3/],
    ['s3://lake/a.parquet', 'source-not-allowed', /is not below an address s3.* of IMPORT_URLS/],
    ['s3://lake/events/../secret/a.parquet', 'source-not-allowed', /is not below/],
    ['s3://lake/events-of-others/a.parquet', 'source-not-allowed', /is not below/],
  ])('are nothing else: %s', async (parquet, code, detail) => {
    const importDir = await temporaryFolder();
    await symlink('/etc', path.join(importDir, 'out'));
    const given = await places({ importDir, importUrls: ['s3://lake/events', 'https://example.com/'] });
    await expect(findParquet(parquet, given, signal)).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail),
    });
  });

  it('are none where the setting is missing', async () => {
    await expect(findParquet('a.parquet', await places(), signal)).rejects.toMatchObject({
      code: 'source-not-allowed',
    });
  });
});

describe.runIf(findS3Server())('objects of a bucket', () => {
  it('are copied: one, those of a folder, or those of a pattern', async () => {
    const server = await startTestS3();
    onTestFinished(() => server.close());
    const { ARTIFACTS_URL } = await server.createBucket();
    const bucket = ARTIFACTS_URL.split('/').slice(0, 3).join('/');
    const given = await places({ artifactsS3Endpoint: server.endpoint, importUrls: [`${bucket}/lake`] });
    const store = createArtifactStore({ ...given, artifactsCacheMib: 0, artifactsUrl: bucket });
    for (const key of ['lake/b.parquet', 'lake/a.parquet', 'lake/deeper/c.parquet', 'other/d.parquet'])
      await store.put(key, Buffer.from(key));
    const found = async (parquet: string) => {
      const files = await findParquet(`${bucket}/${parquet}`, given, signal);
      return Promise.all(files.map((file) => readFile(file.path, 'utf8')));
    };
    expect(await found('lake/')).toEqual(['lake/a.parquet', 'lake/b.parquet']);
    expect(await found('lake/b*.parquet')).toEqual(['lake/b.parquet']);
    expect(await found('lake/deeper/c.parquet')).toEqual(['lake/deeper/c.parquet']);
    await expect(found('lake/none.parquet')).rejects.toMatchObject({ code: 'invalid-job' });
    await expect(found('other/d.parquet')).rejects.toMatchObject({ code: 'source-not-allowed' });
    await server.kill();
    await expect(found('lake/a.parquet')).rejects.toMatchObject({ code: 'source-unavailable' });
  });
});
if (!findS3Server()) it.skip(NO_S3);
