import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileCache, type FileCache } from '../../../src/artifact/store/file-cache.ts';
import { fingerprint } from '../../../src/artifact/store/fingerprint.ts';

/** Room for two copies of 100,000 bytes. */
const ROOM = 250_000;

let folder: string;
let cache: FileCache;
beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'stillhouse-cache-')), 'new');
  cache = createFileCache(folder, ROOM);
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

const copy = (length: number, fill = 1) => {
  const bytes = Buffer.alloc(length, fill);
  return { bytes, tag: '"t"', sha256: fingerprint(bytes).sha256 };
};

async function age(names: readonly string[]) {
  const anHourAgo = Date.now() / 1000 - 3600;
  for (const name of names) await utimes(path.join(folder, name), anHourAgo, anHourAgo);
}

test('copies come back with their tags', async () => {
  expect(await cache.read('a')).toBeUndefined();
  await cache.write('a', copy(100_000));
  await cache.write('empty', copy(0));
  expect(await cache.read('a')).toEqual({ bytes: Buffer.alloc(100_000, 1), tag: '"t"' });
  expect(await cache.read('empty')).toEqual({ bytes: Buffer.alloc(0), tag: '"t"' });
  await cache.drop('a');
  await cache.drop('a');
  expect(await cache.read('a')).toBeUndefined();
});

test('the copies that were not read for longest go first', async () => {
  await cache.write('a', copy(100_000));
  await cache.write('b', copy(100_000));
  await age(await readdir(folder));
  await cache.read('a');
  await cache.write('c', copy(100_000));
  expect(await cache.read('b')).toBeUndefined();
  expect(await cache.read('a')).toBeDefined();
  expect(await cache.read('c')).toBeDefined();
});

test('what is larger than all of the room pushes nobody out, and takes no older copy for its own', async () => {
  await cache.write('a', copy(100_000));
  await cache.write('b', copy(10));
  await cache.write('b', copy(ROOM));
  expect(await cache.read('b')).toBeUndefined();
  expect(await cache.read('a')).toBeDefined();
});

test.each([
  ['cut', (file: Buffer) => file.subarray(0, -1)],
  ['empty', () => Buffer.alloc(0)],
  ['with another byte', (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from('?')])],
  ['with another head', (file: Buffer) => Buffer.concat([Buffer.from('?'), file.subarray(1)])],
])('a file that is %s is none, and is removed', async (_how, spoil) => {
  await cache.write('a', copy(1000));
  const [name = ''] = await readdir(folder);
  await writeFile(path.join(folder, name), spoil(await readFile(path.join(folder, name))));
  expect(await cache.read('a')).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});
