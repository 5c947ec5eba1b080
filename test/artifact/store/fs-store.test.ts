import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { guarded } from '../../../src/artifact/store/fs-errors.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';

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

describe('blobs', () => {
  test('come back as they were put, with their size and sha256', async () => {
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(await store.put('imports/a.csv', bytes('hello'))).toEqual({ bytes: 5, sha256 });
    expect(await store.put('imports/b.csv', Readable.from(['hel', Buffer.from('lo')]))).toEqual({
      bytes: 5,
      sha256,
    });
    expect((await store.get('imports/b.csv')).toString()).toBe('hello');
    expect(await store.stat('imports/a.csv')).toEqual({ bytes: 5 });
  });

  test('can be empty', async () => {
    await store.put('empty', Readable.from([]));
    expect(await store.stat('empty')).toEqual({ bytes: 0 });
  });

  test('are replaced by a second put', async () => {
    await store.put('a', bytes('one'));
    await store.put('a', bytes('two'));
    expect((await store.get('a')).toString()).toBe('two');
  });

  test('do not appear when their source fails half-way, and what was there stays', async () => {
    await store.put('a', bytes('whole'));
    const source = Readable.from(
      (async function* () {
        yield 'ha';
        throw new Error('client went away');
      })(),
    );
    await expect(store.put('a', source)).rejects.toThrow('client went away');
    expect((await store.get('a')).toString()).toBe('whole');
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });

  test('can be read in part, both ends included', async () => {
    await store.put('a', bytes('0123456789'));
    expect((await buffer(await store.open('a', { start: 2, end: 4 }))).toString()).toBe('234');
    expect((await buffer(await store.open('a'))).toString()).toBe('0123456789');
  });

  test('refuse a range that ends before it starts', async () => {
    await store.put('a', bytes('0123456789'));
    await expect(store.open('a', { start: 4, end: 2 })).rejects.toThrow('bytes 4-2 are not a range');
  });

  test('that are not there are not found', async () => {
    await store.put('folder/a', bytes('x'));
    for (const key of ['nothing', 'folder', 'folder/a/b', 'folder/b']) {
      await expect(store.get(key)).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.open(key)).rejects.toMatchObject({ code: 'not-found' });
      expect(await store.stat(key)).toBeNull();
    }
  });

  test('can be removed, more than once', async () => {
    await store.put('folder/a', bytes('x'));
    await store.remove('folder/a');
    await store.remove('folder/a');
    expect(await store.stat('folder/a')).toBeNull();
  });

  test('cannot take the place of a folder', async () => {
    await store.put('folder/a', bytes('x'));
    await expect(store.put('folder', bytes('y'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.put('folder/a/b', bytes('y'))).rejects.toMatchObject({ code: 'conflict' });
    expect((await store.get('folder/a')).toString()).toBe('x');
  });
});

describe('keys', () => {
  test.each([
    '../x',
    'a/../b',
    '..',
    '.',
    'a/./b',
    '',
    '/a',
    'a/',
    'a//b',
    'a b',
    'a\\b',
    'ä',
    'a\0',
    '~staging/x',
    'x'.repeat(256),
  ])('%j is refused everywhere', async (key) => {
    const refused = { code: 'invalid-request' };
    await expect(store.put(key, bytes('x'))).rejects.toMatchObject(refused);
    await expect(store.get(key)).rejects.toMatchObject(refused);
    await expect(store.open(key)).rejects.toMatchObject(refused);
    await expect(store.stat(key)).rejects.toMatchObject(refused);
    await expect(store.remove(key)).rejects.toMatchObject(refused);
    await expect(store.putFolder(key, new Map())).rejects.toMatchObject(refused);
    await expect(store.putFolder('ok', new Map([[key, bytes('x')]]))).rejects.toMatchObject(refused);
  });

  test.each(['..a', 'a..b', '.hidden', 'models/movies/job_1/manifest.json'])('%j is fine', async (key) => {
    await store.put(key, bytes('x'));
    expect(await store.stat(key)).toEqual({ bytes: 1 });
  });
});

describe('folders', () => {
  test('appear with all their files', async () => {
    await store.putFolder(
      'models/m/1',
      new Map([
        ['a', bytes('1')],
        ['deep/b', bytes('2')],
      ]),
    );
    expect((await store.get('models/m/1/a')).toString()).toBe('1');
    expect((await store.get('models/m/1/deep/b')).toString()).toBe('2');
  });

  test('are replaced as a whole: a file that the new one lacks is gone', async () => {
    await store.putFolder(
      'm',
      new Map([
        ['a', bytes('1')],
        ['b', bytes('1')],
      ]),
    );
    await store.putFolder('m', new Map([['a', bytes('2')]]));
    expect((await store.get('m/a')).toString()).toBe('2');
    expect(await store.stat('m/b')).toBeNull();
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });

  test('are never seen half: the last file is there as soon as the first one is', async () => {
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
  });

  test('leave nothing behind when one of their files cannot be written', async () => {
    const files = new Map([
      ['a', bytes('1')],
      ['a/b', bytes('2')],
    ]);
    await expect(store.putFolder('m', files)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.stat('m/a')).toBeNull();
    expect(await readdir(path.join(root, '~staging'))).toEqual([]);
  });

  test('are removed with all that is in them', async () => {
    await store.putFolder('m', new Map([['a', bytes('1')]]));
    await store.remove('m');
    expect(await store.stat('m/a')).toBeNull();
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
