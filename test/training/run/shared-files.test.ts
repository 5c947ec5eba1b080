import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';
import { problem } from '../../../src/core/errors.ts';
import { createLogger } from '../../../src/core/logger.ts';
import { checkpointFolder } from '../../../src/jobs/checkpoint-folder.ts';
import { createSharedFiles } from '../../../src/training/run/shared-files.ts';
import { createStages } from '../../../src/training/run/stages.ts';
import { temporaryFolder } from '../../helpers/store.ts';

const logger = createLogger('test', 'silent');

let artifacts: ArtifactStore;
beforeEach(async () => {
  artifacts = createFsStore(`file:${await temporaryFolder()}`);
});

async function machine(store: Pick<ArtifactStore, 'put' | 'open'> = artifacts) {
  const folder = await temporaryFolder();
  const shared = createSharedFiles(store, folder, logger);
  const kept: number[] = [];
  const where = { folder, jobKey: 'job_1', checkpointSeconds: 0, mostCacheMiB: 1 };
  const stages = createStages({ ...where, logger, shared, onKept: (parts) => kept.push(parts) });
  return { folder, shared, stages, kept, mine: checkpointFolder(where) };
}

const teacher = {
  kind: 'softmax',
  settings: {},
  epochs: 1,
  tensors: { w: { shape: [2], values: new Float32Array([0.5, 0.25]) } },
};
// Only the epoch is looked at here.
const checkpoint = (epoch: number) => ({ epoch }) as never;

describe('machines that share an artifact store', () => {
  it('go on from each other’s newest checkpoint, back and forth', async () => {
    const one = await machine();
    const two = await machine();
    await (await one.stages.resume('teacher', 'id')).onCheckpoint?.(checkpoint(3));
    await one.shared.settled();
    const onTwo = await two.stages.resume('teacher', 'id');
    expect(onTwo.resumeFrom?.epoch).toBe(3);
    await onTwo.onCheckpoint?.(checkpoint(5));
    await two.shared.settled();
    expect((await one.stages.resume('teacher', 'id')).resumeFrom?.epoch).toBe(5);
    expect((await one.stages.resume('teacher', 'other settings')).resumeFrom).toBeUndefined();
  });

  it('prefer their own checkpoint where it is newer than what was sent', async () => {
    const one = await machine();
    const resume = await one.stages.resume('teacher', 'id');
    await resume.onCheckpoint?.(checkpoint(3));
    await one.shared.settled();
    const sent = await artifacts.get('stages/jobs/job_1/teacher.checkpoint');
    await resume.onCheckpoint?.(checkpoint(4));
    await one.shared.settled();
    await artifacts.put('stages/jobs/job_1/teacher.checkpoint', sent);
    expect((await one.stages.resume('teacher', 'id')).resumeFrom?.epoch).toBe(4);
  });

  it('train no teacher twice, and count what others have kept', async () => {
    const one = await machine();
    const two = await machine();
    await one.stages.saveTeacher('hash', teacher);
    expect(one.kept).toEqual([1]);
    await one.shared.settled();
    expect(await two.stages.loadTeacher('hash')).toEqual(teacher);
    await two.stages.saveTeacher('hash', teacher);
    expect(two.kept).toEqual([]);
    await two.stages.saveTeacher('hash-2', teacher);
    expect(two.kept).toEqual([2]);
  });

  it('of a file that changes while it is sent, send the newest', async () => {
    const { shared, mine, folder } = await machine();
    const file = path.join(mine, 'x.checkpoint');
    await mkdir(mine, { recursive: true });
    for (let n = 0; n <= 20; n++) {
      await writeFile(file, String(n));
      shared.send(file);
    }
    await shared.settled();
    const key = `stages/${path.relative(folder, file)}`;
    expect((await artifacts.get(key)).toString()).toBe('20');
  });

  it('train on alone while the store is away, or answers half', async () => {
    const away = () => Promise.reject(problem('store-unavailable', 'away'));
    const broken = async () =>
      Readable.from(
        (async function* () {
          yield Buffer.from('half');
          throw new Error('cut');
        })(),
      );
    for (const open of [away, broken]) {
      const one = await machine({ put: away, open });
      const resume = await one.stages.resume('teacher', 'id');
      expect(resume.resumeFrom).toBeUndefined();
      await resume.onCheckpoint?.(checkpoint(1));
      await one.shared.settled();
      expect((await one.stages.resume('teacher', 'id')).resumeFrom?.epoch).toBe(1);
      expect(await one.stages.loadTeacher('hash')).toBeUndefined();
      expect((await readFile(path.join(one.mine, 'kept'), 'utf8')).trim()).toBe('teacher id 1');
    }
  });
});
