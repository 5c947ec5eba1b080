import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/tensor/train/checkpoint.ts';
import type { TrainingState } from '../../../src/tensor/train/fit.ts';

const state: TrainingState = {
  epoch: 3,
  step: 42,
  values: { w: Float32Array.of(1, -2.5, 3e-40), e: new Float32Array(0) },
  optimizer: { step: 42, slots: { w: { m: Float32Array.of(0.1, 0.2, 0.3) }, e: {} } },
  rng: [1, -2, 3, 4, Number.NaN],
  stopping: { bestEpoch: 2, bestMetric: 0.25, bestValues: { w: Float32Array.of(7, 8, 9) }, waited: 1 },
  firstLoss: 3.5,
  history: [{ epoch: 1, losses: { total: 2.5 }, metric: 0.25, seconds: 0.1 }],
};

describe('checkpoints', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
    path = join(folder, 'nested', 'job.checkpoint');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('come back as they were, NaN in the random state included', async () => {
    await writeCheckpoint(path, state, 'job-1');
    expect(await readCheckpoint(path, 'job-1')).toEqual(state);
    expect(await readdir(join(folder, 'nested'))).toEqual(['job.checkpoint']);
  });

  test('none is undefined', async () => {
    expect(await readCheckpoint(path)).toBeUndefined();
  });

  test('a newer one replaces the older one whole', async () => {
    await writeCheckpoint(path, state);
    await writeCheckpoint(path, { ...state, epoch: 4 });
    expect((await readCheckpoint(path))!.epoch).toBe(4);
  });

  test.each([
    ['cut short', (file: Buffer) => file.subarray(0, file.length - 5)],
    ['cut within its header', (file: Buffer) => file.subarray(0, 60)],
    ['nearly empty', (file: Buffer) => file.subarray(0, 10)],
    [
      'one bit off',
      (file: Buffer) => Buffer.from(file.map((byte, i) => (i === file.length - 40 ? byte ^ 1 : byte))),
    ],
    ['something else', () => Buffer.alloc(500, 'x')],
  ])('%s is refused', async (_, damage) => {
    await writeCheckpoint(path, state);
    await writeFile(path, damage(await readFile(path)));
    await expect(readCheckpoint(path)).rejects.toMatchObject({ code: 'invalid-artifact' });
  });

  test('of another job is refused', async () => {
    await writeCheckpoint(path, state, 'job-1');
    await expect(readCheckpoint(path, 'job-2')).rejects.toThrow('another job');
  });
});
