import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ArtifactStore } from '../../src/artifact/store/store.ts';

const bytes = (text: string) => Buffer.from(text);
const MANIFEST = 'manifest.json';

/** Holds an artifact store to what each must do. @param open opens a store in which nothing is */
export function artifactStoreSuite(name: string, open: () => Promise<ArtifactStore>): void {
  describe(`${name} as an artifact store`, () => {
    let store: ArtifactStore;
    beforeEach(async () => {
      store = await open();
    });

    blobs(() => store);
    keys(() => store);
    folders(() => store);
  });
}

function blobs(store: () => ArtifactStore): void {
  test('blobs come back as they were put, with their size and sha256', async () => {
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(await store().put('imports/a.csv', bytes('hello'))).toEqual({ bytes: 5, sha256 });
    const source = Readable.from(['hel', Buffer.from('lo')]);
    expect(await store().put('imports/b.csv', source)).toEqual({ bytes: 5, sha256 });
    expect((await store().get('imports/b.csv')).toString()).toBe('hello');
    expect(await store().stat('imports/a.csv')).toMatchObject({ bytes: 5 });
  });

  test('blobs can be empty', async () => {
    await store().put('empty', Readable.from([]));
    expect(await store().stat('empty')).toMatchObject({ bytes: 0 });
    expect(await store().get('empty')).toHaveLength(0);
    expect(await buffer(await store().open('empty'))).toHaveLength(0);
  });

  test('blobs of many megabytes come and go as streams', async () => {
    const part = randomBytes(2 ** 20);
    const hash = createHash('sha256');
    const source = Readable.from(
      (function* () {
        for (let i = 0; i < 20; i++) {
          part.writeUInt32LE(i);
          hash.update(part);
          yield Buffer.from(part);
        }
      })(),
    );
    const written = await store().put('large', source);
    expect(written).toEqual({ bytes: 20 * 2 ** 20, sha256: hash.digest('hex') });
    const again = createHash('sha256');
    for await (const chunk of await store().open('large')) again.update(chunk);
    expect(again.digest('hex')).toBe(written.sha256);
    const middle = await buffer(await store().open('large', { start: 9 * 2 ** 20, end: 9 * 2 ** 20 + 3 }));
    expect(middle.readUInt32LE()).toBe(9);
  });

  test('blobs are replaced by a second put', async () => {
    await store().put('a', bytes('one'));
    await store().put('a', bytes('two'));
    expect((await store().get('a')).toString()).toBe('two');
  });

  test.each([2, 20 * 2 ** 20])(
    'a blob does not appear when its source fails after %d bytes',
    async (length) => {
      await store().put('a', bytes('whole'));
      const source = Readable.from(
        (async function* () {
          yield Buffer.alloc(length);
          throw new Error('client went away');
        })(),
      );
      await expect(store().put('a', source)).rejects.toThrow('client went away');
      expect((await store().get('a')).toString()).toBe('whole');
    },
  );

  test('blobs can be read in part, both ends included', async () => {
    await store().put('a', bytes('0123456789'));
    expect((await buffer(await store().open('a', { start: 2, end: 4 }))).toString()).toBe('234');
    expect((await buffer(await store().open('a', { start: 8, end: 99 }))).toString()).toBe('89');
    expect((await buffer(await store().open('a', { start: 10, end: 12 }))).toString()).toBe('');
    expect((await buffer(await store().open('a'))).toString()).toBe('0123456789');
    await expect(store().open('a', { start: 4, end: 2 })).rejects.toThrow('bytes 4-2 are not a range');
  });

  test('blobs that are not there are not found', async () => {
    await store().put('folder/a', bytes('x'));
    for (const key of ['nothing', 'folder', 'folder/a/b', 'folder/b']) {
      await expect(store().get(key)).rejects.toMatchObject({ code: 'not-found' });
      await expect(store().open(key)).rejects.toMatchObject({ code: 'not-found' });
      expect(await store().stat(key)).toBeNull();
    }
  });

  test('blobs can be removed, more than once', async () => {
    await store().put('folder/a', bytes('x'));
    await store().put('folder2', bytes('x'));
    await store().remove('folder/a');
    await store().remove('folder/a');
    expect(await store().stat('folder/a')).toBeNull();
    expect(await store().stat('folder2')).toMatchObject({ bytes: 1 });
  });

  test('blobs of a folder are listed with their sizes, ordered by key', async () => {
    expect(await store().list('m')).toEqual([]);
    for (const key of ['m/b', 'm/a/z', 'm/a.b', 'mm/a', 'm/a/y']) await store().put(key, bytes(key));
    expect(await store().list('m')).toEqual(
      ['m/a.b', 'm/a/y', 'm/a/z', 'm/b'].map((key) => ({ key, bytes: key.length })),
    );
  });
}

function keys(store: () => ArtifactStore): void {
  const WRONG = ['../x', 'a/../b', '..', '.', 'a/./b', '', '/a', 'a/', 'a//b', 'a b', 'a\\b', 'ä', 'a\0'];
  test.each([...WRONG, '~staging/x', 'x'.repeat(256)])('the key %j is refused everywhere', async (key) => {
    const refused = { code: 'invalid-request' };
    await expect(store().put(key, bytes('x'))).rejects.toMatchObject(refused);
    await expect(store().get(key)).rejects.toMatchObject(refused);
    await expect(store().open(key)).rejects.toMatchObject(refused);
    await expect(store().stat(key)).rejects.toMatchObject(refused);
    await expect(store().list(key)).rejects.toMatchObject(refused);
    await expect(store().remove(key)).rejects.toMatchObject(refused);
    await expect(store().putFolder(key, new Map())).rejects.toMatchObject(refused);
    await expect(store().putFolder('ok', new Map([[key, bytes('x')]]))).rejects.toMatchObject(refused);
  });

  test.each(['..a', 'a..b', '.hidden', 'models/movies/job_1/manifest.json'])(
    'the key %j is fine',
    async (key) => {
      await store().put(key, bytes('x'));
      expect(await store().stat(key)).toMatchObject({ bytes: 1 });
    },
  );
}

function folders(store: () => ArtifactStore): void {
  const folder = (...names: string[]) =>
    new Map([...names, MANIFEST].map((name) => [name, bytes(`${names.length} ${name}`)]));

  test('folders appear with all their files', async () => {
    await store().putFolder('models/m/1', folder('a', 'deep/b', 'deep/manifest.json'));
    expect((await store().get('models/m/1/a')).toString()).toBe('3 a');
    expect((await store().list('models')).map(({ key }) => key)).toEqual(
      ['a', 'deep/b', 'deep/manifest.json', MANIFEST].map((name) => `models/m/1/${name}`),
    );
  });

  test('folders are replaced as a whole: a file that the new one lacks is gone', async () => {
    await store().putFolder('m', folder('a', 'b'));
    await store().putFolder('m', folder('a'));
    expect((await store().get('m/a')).toString()).toBe('1 a');
    expect((await store().list('m')).map(({ key }) => key)).toEqual(['m/a', `m/${MANIFEST}`]);
  });

  test('folders are never seen half: all files are there as soon as manifest.json is', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `f${i}`);
    for (const prefix of ['m1', 'm2', 'm3']) {
      let done = false;
      const writing = store()
        .putFolder(prefix, folder(...names))
        .finally(() => {
          done = true;
        });
      for (let seen = false; !seen && !done; ) {
        seen = (await store().stat(`${prefix}/${MANIFEST}`)) !== null;
        if (!seen) continue;
        for (const name of names) expect(await store().stat(`${prefix}/${name}`)).not.toBeNull();
      }
      await writing;
    }
  });

  test('folders are removed with all that is in them', async () => {
    await store().putFolder('m/1', folder('a', 'deep/b'));
    await store().putFolder('m/10', folder('a'));
    await store().remove('m/1');
    expect((await store().list('m')).map(({ key }) => key)).toEqual(['m/10/a', `m/10/${MANIFEST}`]);
  });
}
