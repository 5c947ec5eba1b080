import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFsStore } from '../../src/artifact/fs-store.ts';
import { loadStudent } from '../../src/artifact/load.ts';
import { Manifest } from '../../src/artifact/manifest.ts';
import { encodeStudentWeights, fingerprint, packStudent } from '../../src/artifact/pack.ts';
import type { ArtifactStore } from '../../src/artifact/store.ts';
import { problem } from '../../src/core/errors.ts';
import { sampleFiles, samplePackage, sampleWeights } from './sample-student.ts';

const KEY = 'models/movies/job-1';

describe('an artifact', () => {
  let folder: string;
  let store: ArtifactStore;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'stillhouse-pack-'));
    store = createFsStore(`file:${folder}`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test.each([
    [1, 1],
    [20, 4],
    [333, 33],
  ])('of %i items and %i dimensions comes back exactly from the store', async (items, dimensions) => {
    const input = samplePackage(sampleWeights(items, dimensions));
    await store.putFolder(KEY, packStudent(input));
    const loaded = await loadStudent(store, KEY);
    expect(loaded.weights).toEqual(input.weights);
    expect(loaded.items).toEqual(input.items);
    expect(loaded.manifest).toMatchObject(input.draft);
  });

  test('keeps ids of any Unicode', async () => {
    const input = samplePackage(sampleWeights(3, 2));
    input.items = ['a/b c', '🎬', '__proto__'];
    await store.putFolder(KEY, packStudent(input));
    expect((await loadStudent(store, KEY)).items).toEqual(input.items);
  });
});

describe('packStudent', () => {
  test('gives the same bytes for the same input, the manifest last', () => {
    const files = sampleFiles();
    expect(sampleFiles()).toEqual(files);
    expect([...files.keys()]).toEqual(['weights.safetensors', 'items.json', 'report.json', 'manifest.json']);
    expect(encodeStudentWeights(samplePackage().weights)).toEqual(files.get('weights.safetensors'));
  });

  test('writes a manifest that fits its schema and names every other file', () => {
    const files = sampleFiles();
    const manifest = JSON.parse(files.get('manifest.json')!.toString());
    expect(Value.Check(Manifest, manifest)).toBe(true);
    expect(Object.keys(manifest.files)).toEqual([...files.keys()].slice(0, -1));
    expect(manifest.files['items.json']).toEqual(fingerprint(files.get('items.json')!));
  });

  test.each([
    [
      'the same id twice',
      (p: Package) => ({ ...p, items: p.items.map(() => 'same') }),
      'rows 0 and 1 have the same id "same"',
    ],
    ['an empty id', (p: Package) => ({ ...p, items: ['', ...p.items.slice(1)] }), 'row 0 is empty'],
    [
      'too few ids',
      (p: Package) => ({ ...p, items: p.items.slice(1) }),
      'lists 19 items where 20 are expected',
    ],
    [
      'other sizes',
      (p: Package) => ({ ...p, draft: { ...p.draft, dimensions: 5 } }),
      'is I8 [20,4], the manifest asks for I8 [20,5]',
    ],
    [
      'a NaN',
      (p: Package) => ({ ...p, weights: { ...p.weights, userBias: new Float32Array(4).fill(Number.NaN) } }),
      'tensor b holds NaN at 0',
    ],
    [
      'another activation',
      (p: Package) => ({ ...p, draft: { ...p.draft, activation: 'relu' as const } }),
      'differ in normalization or activation',
    ],
  ])('refuses %s', (_what, spoil, reason) => {
    expect(() => packStudent(spoil(samplePackage()))).toThrow(reason);
  });
});

describe('loadStudent refuses', () => {
  test.each(['weights.safetensors', 'items.json', 'report.json', 'manifest.json'])(
    'an artifact without %s',
    async (name) => {
      const files = sampleFiles();
      files.delete(name);
      await expect(load(files)).rejects.toMatchObject({
        code: 'invalid-artifact',
        detail: `${name} is missing`,
      });
    },
  );

  test.each(['weights.safetensors', 'items.json', 'report.json'])('a truncated %s', async (name) => {
    const files = sampleFiles();
    const bytes = files.get(name)!;
    files.set(name, bytes.subarray(0, bytes.length - 1));
    await expect(load(files)).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: `${name} is truncated: ${bytes.length - 1} of ${bytes.length} bytes`,
    });
  });

  test.each(['weights.safetensors', 'items.json', 'report.json'])(
    'a %s with one flipped bit',
    async (name) => {
      const size = sampleFiles().get(name)!.length;
      for (const at of [0, Math.floor(size / 2), size - 1]) {
        const files = sampleFiles();
        const bytes = Buffer.from(files.get(name)!);
        bytes[at] ^= 1;
        files.set(name, bytes);
        await expect(load(files)).rejects.toThrow(`${name} is damaged: its sha256 is not the manifest's`);
      }
    },
  );

  test('a file that has grown', async () => {
    const files = sampleFiles();
    files.set('items.json', Buffer.concat([files.get('items.json')!, Buffer.from(' ')]));
    await expect(load(files)).rejects.toThrow(/items.json has \d+ bytes instead of/);
  });

  test('a truncated manifest', async () => {
    const files = sampleFiles();
    files.set('manifest.json', files.get('manifest.json')!.subarray(0, 50));
    await expect(load(files)).rejects.toThrow('manifest.json is not JSON');
  });

  test('a newer format, and says that an update is needed', async () => {
    await expect(load(withManifest({ formatVersion: 2, somethingNew: true }))).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: 'the artifact has format 2, newer than 1, the newest that this release reads; update it',
    });
  });

  test.each([
    ['no format', { formatVersion: undefined }, '/formatVersion'],
    ['an unknown kind', { kind: 'gru' }, '/kind'],
    ['no items', { items: 0 }, '/items'],
    ['a quantization of another release', { quantization: 'int4' }, '/quantization'],
    ['no list of files', { files: {} }, 'does not list weights.safetensors'],
    [
      'sizes that are not those of the tensors',
      { dimensions: 8 },
      'E_in.q is I8 [20,4], the manifest asks for I8 [20,8]',
    ],
  ])('a manifest with %s', async (_what, change, reason) => {
    await expect(load(withManifest(change))).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringContaining(reason.replace(/^\//, '')),
    });
  });

  test.each([
    ['a list of one id less', JSON.stringify(samplePackage().items.slice(1)), 'lists 19 items'],
    ['no list', '{}', 'is not a list of item ids'],
    ['a number for an id', JSON.stringify([7, ...samplePackage().items.slice(1)]), 'row 0 is not an id'],
    ['no JSON', '[', 'items.json is not JSON'],
  ])('items.json with %s, even when its sha256 is right', async (_what, text, reason) => {
    const bytes = Buffer.from(text);
    const { files } = JSON.parse(sampleFiles().get('manifest.json')!.toString());
    const changed = withManifest({ files: { ...files, 'items.json': fingerprint(bytes) } });
    await expect(load(changed.set('items.json', bytes))).rejects.toThrow(reason);
  });

  test('nothing, but passes on that the store cannot be read', async () => {
    const get = async () => {
      throw problem('store-unavailable', 'the disk is gone');
    };
    await expect(loadStudent({ get }, KEY)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

type Package = ReturnType<typeof samplePackage>;

function withManifest(change: Record<string, unknown>): Map<string, Buffer> {
  const files = sampleFiles();
  const manifest = { ...JSON.parse(files.get('manifest.json')!.toString()), ...change };
  return files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
}

function load(files: ReadonlyMap<string, Buffer>) {
  return loadStudent(
    {
      async get(key) {
        const bytes = files.get(key.slice(KEY.length + 1));
        if (!bytes) throw problem('not-found', `there is no artifact ${key}`);
        return bytes;
      },
    },
    KEY,
  );
}
