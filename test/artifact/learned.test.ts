import { describe, expect, it } from 'vitest';
import { LEARNED_FILE, type LearnedFile, loadLearned, packLearned } from '../../src/artifact/learned.ts';
import { EMPTY_SET, hashSetOf, unionOfSets } from '../../src/core/hash-set.ts';
import { hashOfId } from '../../src/core/id-hash.ts';
import { memoryArtifacts } from '../training/run-job.ts';

const setOf = (from: number, to: number) =>
  hashSetOf(Float64Array.from({ length: to - from }, (_, i) => hashOfId(`id ${from + i}`, 0)));
const teacher = setOf(0, 500);
const FILE: LearnedFile = {
  of: 'pairs',
  isWhole: true,
  sets: [
    { task: 'buy', teacher, student: unionOfSets(teacher, setOf(500, 600)) },
    { task: 'look', teacher: EMPTY_SET, student: setOf(9, 10) },
  ],
};

const load = (bytes: Buffer, of: LearnedFile['of'] = 'pairs') =>
  loadLearned(memoryArtifacts([[`a/${LEARNED_FILE}`, bytes]]), 'a', of);

describe('the file of what a version learned from', () => {
  it('is read as it was written', async () => {
    expect(await load(packLearned(FILE))).toEqual(FILE);
    const extremes = { hashes: Float64Array.of(0, 127, 128, 2 ** 32, 2 ** 40 - 1) };
    const labels: LearnedFile = {
      of: 'entities',
      isWhole: false,
      sets: [{ task: null, teacher: extremes, student: extremes }],
    };
    expect(await load(packLearned(labels), 'entities')).toEqual(labels);
  });

  it('takes about four bytes a pair where they are few, and no more for a student that learned the same', () => {
    const set = setOf(0, 10_000);
    const bytes = packLearned({
      of: 'pairs',
      isWhole: true,
      sets: [{ task: null, teacher: set, student: set }],
    });
    expect(bytes.length).toBeLessThan(4.2 * 10_000);
  });

  it('is missing in a version of an earlier release', async () => {
    expect(await loadLearned(memoryArtifacts(), 'a', 'pairs')).toBeNull();
  });

  const whole = packLearned(FILE);
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(whole);
    change(bytes);
    return bytes;
  };
  const headerEnd = 12 + whole.readUInt32LE(8);
  const withHeader = (from: string, to: string) => {
    const text = Buffer.from(whole.subarray(12, headerEnd).toString().replace(from, to));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    return Buffer.concat([whole.subarray(0, 8), length, text, whole.subarray(headerEnd)]);
  };

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /does not begin as such a file does/],
    ['another file', Buffer.from('{"formatVersion":1,"items":[]}'), /does not begin as such a file does/],
    ['a header that is cut', whole.subarray(0, 40), /header is not JSON/],
    ['another format', withHeader('"formatVersion":1', '"formatVersion":2'), /header \/formatVersion/],
    ['another seed', withHeader('"hashSeed":0', '"hashSeed":1'), /header \/hashSeed/],
    ['hashes that are cut', whole.subarray(0, whole.length - 1), /damaged: \d+ bytes of hashes where/],
    [
      'a changed hash',
      changed((bytes) => bytes.writeUInt8(bytes.readUInt8(headerEnd) ^ 1, headerEnd)),
      /damaged/,
    ],
    [
      'another count',
      withHeader('"count":500', '"count":499'),
      /a set has 500 hashes where its header says 499/,
    ],
    ['sets out of order', withHeader('"part":"teacher"', '"part":"student"'), /sets are out of order/],
  ])('is refused for %s', async (_, bytes, message) => {
    await expect(load(bytes)).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringMatching(message),
    });
  });

  it('is refused where it is of something else', async () => {
    await expect(load(whole, 'entities')).rejects.toMatchObject({
      code: 'invalid-artifact',
      detail: expect.stringMatching(/it is of pairs where those of entities are needed/),
    });
  });
});
