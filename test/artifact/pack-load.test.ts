import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../src/artifact/store/store.ts';
import { loadStudent } from '../../src/artifact/student/load.ts';
import { Manifest } from '../../src/artifact/student/manifest.ts';
import { encodeStudentWeights, packStudent } from '../../src/artifact/student/pack.ts';
import { isTied, type ProductCodes } from '../../src/artifact/student/student-weights.ts';
import { problem } from '../../src/core/errors.ts';
import {
  productWeights,
  sampleFiles,
  samplePackage,
  sampleWeights,
  studentShapes,
} from './sample-student.ts';

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
    expect(loaded.manifest).toMatchObject({ ...input.draft, items, dimensions, quantization: 'int8' });
  });

  test.each(studentShapes)(
    'with %s comes back exactly, with a shape that says so',
    async (_what, weights, shape) => {
      const input = samplePackage(weights);
      await store.putFolder(KEY, packStudent(input));
      const loaded = await loadStudent(store, KEY);
      expect(loaded.weights).toEqual(weights);
      expect(isTied(loaded.weights)).toBe(isTied(weights));
      expect(loaded.manifest).toMatchObject(shape);
    },
  );

  test('of format 1 still loads, as what it was', async () => {
    const { hidden, tied, itemBias, ...first } = manifestOf(sampleFiles());
    expect([hidden, tied, itemBias]).toEqual([null, false, true]);
    const files = sampleFiles();
    files.set('manifest.json', Buffer.from(JSON.stringify({ ...first, formatVersion: 1 })));
    const loaded = await load(files);
    expect(loaded.weights).toEqual(samplePackage().weights);
    expect(loaded.manifest).toMatchObject({ formatVersion: 4, hidden: null, tied: false, itemBias: true });
    files.set(
      'manifest.json',
      Buffer.from(JSON.stringify({ ...first, formatVersion: 1, quantization: 'pq' })),
    );
    await expect(load(files)).rejects.toThrow('/quantization');
  });

  test('of format 2 still loads, which knew no sequences', async () => {
    const files = sampleFiles();
    const second = { ...manifestOf(files), formatVersion: 2 };
    files.set('manifest.json', Buffer.from(JSON.stringify(second)));
    expect((await load(files)).manifest).toMatchObject({ formatVersion: 4, kind: 'fold-in' });
    files.set('manifest.json', Buffer.from(JSON.stringify({ ...second, recency: 0.5 })));
    await expect(load(files)).rejects.toThrow('/recency');
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
      'a NaN',
      (p: Package) => ({ ...p, weights: { ...p.weights, userBias: new Float32Array(4).fill(Number.NaN) } }),
      'tensor b holds NaN at 0',
    ],
    [
      'a popularity of Infinity',
      (p: Package) => ({
        ...p,
        weights: { ...p.weights, popularity: p.weights.popularity.with(2, Number.POSITIVE_INFINITY) },
      }),
      'tensor popularity holds Infinity at 2',
    ],
    [
      'a popularity of -Infinity',
      (p: Package) => ({
        ...p,
        weights: { ...p.weights, popularity: p.weights.popularity.with(2, Number.NEGATIVE_INFINITY) },
      }),
      'tensor popularity holds -Infinity at 2',
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
    await expect(load(withManifest({ formatVersion: 5, somethingNew: true }))).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: 'the artifact has format 5, newer than 4, the newest that this release reads; update it',
    });
  });

  test.each([
    ['no format', { formatVersion: undefined }, '/formatVersion'],
    ['an unknown kind', { kind: 'gru' }, '/kind'],
    ['no items', { items: 0 }, '/items'],
    ['a quantization of another release', { quantization: 'int2' }, '/quantization'],
    ['no list of files', { files: {} }, 'does not list weights.safetensors'],
    [
      'sizes that are not those of the tensors',
      { dimensions: 8 },
      'E_out.q is I8 [20,4], the manifest asks for I8 [20,8]',
    ],
    [
      'another quantization',
      { quantization: 'int4' },
      'E_out.q is I8 [20,4], the manifest asks for U8 [20,2]',
    ],
    ['codes that are not there', { quantization: 'pq' }, 'E_out.codebook is missing'],
    [
      'a hidden layer that is not there',
      { hidden: 6 },
      'E_in.q is I8 [20,4], the manifest asks for I8 [20,6]',
    ],
    ['a hidden layer and one matrix', { hidden: 4, tied: true }, 'a tied student has no hidden layer'],
  ])('a manifest with %s', async (_what, change, reason) => {
    await expect(load(withManifest(change))).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringContaining(reason.replace(/^\//, '')),
    });
  });

  test.each([
    [
      'a code beyond the codebook',
      (c: ProductCodes) => c.chosen.fill(9),
      /E_out.codes holds 9 at 0; there are 8/,
    ],
  ])('product codes with %s', (_what, spoil, reason) => {
    const weights = productWeights();
    spoil(weights.itemsOut.codes!);
    expect(() => packStudent(samplePackage(weights))).toThrow(reason);
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

function manifestOf(files: ReadonlyMap<string, Buffer>): Record<string, unknown> {
  return JSON.parse(files.get('manifest.json')!.toString());
}

function withManifest(change: Record<string, unknown>): Map<string, Buffer> {
  const files = sampleFiles();
  const manifest = { ...manifestOf(files), ...change };
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
