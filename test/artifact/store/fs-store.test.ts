import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { guarded } from '../../../src/artifact/store/fs-errors.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';
import { artifactStoreSuite } from '../../contract/artifact-store-suite.ts';

let base: string;
let root: string;
let store: ArtifactStore;

beforeEach(async () => {
  base = await mkdtemp(path.join(os.tmpdir(), 'stillhouse artifacts %20-'));
  root = path.join(base, 'new', 'artifacts');
  store = createFsStore(`file:${root}`);
});
afterEach(() => rm(base, { recursive: true, force: true }));

const bytes = (text: string) => Buffer.from(text);

artifactStoreSuite('a folder', async () => store);

describe('a folder of this machine', () => {
  test('keeps nothing aside of a blob whose source fails', async () => {
    const source = Readable.from(
      (async function* () {
        yield 'ha';
        throw new Error('client went away');
      })(),
    );
    await expect(store.put('a', source)).rejects.toThrow('client went away');
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });

  test('has no blob in the place of a folder', async () => {
    await store.put('folder/a', bytes('x'));
    await expect(store.put('folder', bytes('y'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.put('folder/a/b', bytes('y'))).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.get('folder/a')).toString()).toBe('x');
  });

  test('shows the last file of an artifact as soon as the first one, and keeps nothing of its predecessor', async () => {
    const files = new Map(
      Array.from({ length: 40 }, (_, i) => [`f${String(i).padStart(2, '0')}`, bytes('x'.repeat(1000))]),
    );
    for (let round = 0; round < 5; round++) {
      let done = false;
      const writing = store.putFolder(`m${round}`, files).finally(() => {
        done = true;
      });
      while (!done) {
        const names = await readdir(path.join(root, `m${round}`)).catch(() => []);
        expect([0, 40]).toContain(names.length);
      }
      await writing;
    }
    await store.putFolder('m0', new Map([['f', bytes('x')]]));
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });

  test('keeps nothing of an artifact one of whose files cannot be written', async () => {
    const files = new Map([
      ['a', bytes('1')],
      ['a/b', bytes('2')],
    ]);
    await expect(store.putFolder('m', files)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.stat('m/a')).toBeNull();
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });
});

test('what a killed process left aside is swept after a day', async () => {
  await store.put('a', bytes('x'));
  const staging = path.join(root, '~staging');
  await writeFile(path.join(staging, 'old'), 'x');
  await writeFile(path.join(staging, 'fresh'), 'x');
  const dayAgo = Date.now() / 1000 - 25 * 3600;
  await utimes(path.join(staging, 'old'), dayAgo, dayAgo);
  await createFsStore(`file:${root}`).put('b', bytes('y'));
  expect(await readdir(staging)).toEqual(['fresh']);
});

test('accepts a percent-encoded file:/// URL too', async () => {
  await createFsStore(`file://${encodeURI(root)}`).put('a', bytes('x'));
  expect((await readFile(path.join(root, 'a'))).toString()).toBe('x');
  expect(() => createFsStore('s3://bucket')).toThrow('is not a file: URL');
});

describe('a file system that fails', () => {
  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EDQUOT', 'the disk quota is used up'],
    ['EROFS', 'the file system is read-only'],
    ['EACCES', 'permission is denied'],
    ['EIO', 'the file system failed'],
  ])('%s says that %s, and no path of the machine', async (code, reason) => {
    const fail = () => Promise.reject(Object.assign(new Error(`${code}: /secret/path`), { code, errno: -1 }));
    await expect(guarded('written', 'm/a', fail)).rejects.toMatchObject({
      code: 'store-unavailable',
      detail: `artifact m/a cannot be written: ${reason} (${code})`,
    });
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(isRoot)(
    `a folder without write permission is named as the reason${isRoot ? ' (skipped: root may write everywhere)' : ''}`,
    async () => {
      await store.put('a', bytes('x'));
      await chmod(path.join(root, '~staging'), 0o500);
      await expect(store.put('b', bytes('y'))).rejects.toMatchObject({ code: 'store-unavailable' });
      await chmod(path.join(root, '~staging'), 0o700);
    },
  );
});
