import { describe, expect, it } from 'vitest';
import { fingerprint, jsonFile } from '../../../src/artifact/store/fingerprint.ts';
import {
  type LabelStudent,
  loadLabelStudent,
  packLabelStudent,
} from '../../../src/artifact/student/label-student.ts';
import { loadStudent } from '../../../src/artifact/student/load.ts';
import { problem } from '../../../src/core/errors.ts';
import type { Report } from '../../../src/domain/reports/report.ts';
import { labelFiles, sampleLabels } from '../sample-labels.ts';

const storeOf = (files: ReadonlyMap<string, Buffer>) => ({
  async get(key: string) {
    const bytes = files.get(key.replace('folder/', ''));
    if (!bytes) throw problem('not-found', key);
    return bytes;
  },
});

/** With a manifest that fits the file again. */
function replaced(name: string, bytes: Buffer): Map<string, Buffer> {
  const files = labelFiles();
  const manifest = JSON.parse(files.get('manifest.json')!.toString());
  manifest.files[name] = fingerprint(bytes);
  return files.set(name, bytes).set('manifest.json', jsonFile(manifest));
}

describe('the artifact of a student that predicts labels', () => {
  it.each(['items', 'users'] as const)('gives back the student of %s', async (of) => {
    const student = sampleLabels(of);
    const loaded = await loadLabelStudent(storeOf(labelFiles(student)), 'folder');
    expect(loaded.student).toEqual(student);
    expect(loaded.manifest).toMatchObject({
      kind: 'labels',
      of,
      items: 3,
      features: 2,
      labels: 2,
      dimensions: 2,
    });
    expect(labelFiles(loaded.student)).toEqual(labelFiles(student));
  });

  it.each<[string, () => Map<string, Buffer>, RegExp]>([
    ['a file is missing', () => labelFilesWithout('labels.json'), /labels.json is missing/],
    [
      'a byte has changed',
      () => {
        const files = labelFiles();
        const bytes = Buffer.from(files.get('weights.safetensors')!);
        bytes[bytes.length - 1]! ^= 1;
        return files.set('weights.safetensors', bytes);
      },
      /weights.safetensors is damaged/,
    ],
    [
      'labels are no list',
      () => replaced('labels.json', jsonFile({ a: 1 })),
      /labels.json is not a list of 2 different labels/,
    ],
    [
      'a label is there twice',
      () => replaced('labels.json', jsonFile(['a', 'a'])),
      /list of 2 different labels/,
    ],
    [
      'features are of another number',
      () => replaced('features.json', jsonFile(null)),
      /features.json does not say how features become 2 columns/,
    ],
    [
      'an item is there twice',
      () => replaced('items.json', jsonFile(['a', 'a', 'b'])),
      /items.json: rows 0 and 1 have the same id/,
    ],
  ])('is refused when %s', async (_, files, reason) => {
    await expect(loadLabelStudent(storeOf(files()), 'folder')).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringMatching(reason),
    });
  });

  it('is not packed with numbers that are not finite, or shapes that differ', () => {
    const pack = (change: Partial<LabelStudent>) =>
      packLabelStudent({ ...sampleLabels(), ...change }, { createdAt: 'x' } as Report, {} as never);
    expect(() => pack({ thresholds: Float32Array.of(Number.NaN, 1) })).toThrow(
      /tensor threshold holds NaN at 0/,
    );
    expect(() => pack({ shares: new Float32Array(3) })).toThrow(/tensor share is F32 \[3\]/);
    expect(() => pack({ known: null })).toThrow(/known.scale is missing/);
  });

  it('is no student that recommends', async () => {
    await expect(loadStudent(storeOf(labelFiles()), 'folder')).rejects.toThrow(
      /predicts labels and recommends nothing/,
    );
  });
});

function labelFilesWithout(name: string): Map<string, Buffer> {
  const files = labelFiles();
  files.delete(name);
  return files;
}
