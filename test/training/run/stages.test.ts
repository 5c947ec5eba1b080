import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { createLogger } from '../../../src/core/logger.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { removeCheckpoints } from '../../../src/jobs/checkpoint-folder.ts';
import { runDistillation } from '../../../src/training/pipeline.ts';
import { createStages } from '../../../src/training/run/stages.ts';
import { blockRows, type Row } from '../../helpers/data.ts';
import { tensorBackend } from '../../helpers/engine.ts';
import { temporaryFolder } from '../../helpers/store.ts';
import { storeOf } from '../run-job.ts';

const SPEC: DistillationSpec = {
  model: 'blocks',
  teacher: { kind: 'softmax', hidden: [16], epochs: 6, batchSize: 8 },
  student: { kind: 'fold-in', dimensions: 4 },
  distillation: {
    losses: [
      { kind: 'softLabels', weight: 1 },
      { kind: 'rrd', weight: 0.1 },
    ],
    epochs: 5,
    batchSize: 8,
    seed: 7,
  },
  evaluation: { k: [3] },
};

const OTHER_SPLIT: DistillationSpec = {
  ...SPEC,
  dataset: { split: { strategy: 'random', testFraction: 0.2, validationFraction: 0.1 } },
};

interface Options {
  spec?: DistillationSpec;
  rows?: Row[];
  mostCacheMiB?: number;
  /** Ends the run, as a shutdown would, when it says so. */
  stopAt?(progress: JobProgress): boolean;
}

/** One run of the pipeline; what it trained is the epochs that it reported, by stage and model. */
async function run(
  folder: string,
  { spec = SPEC, rows = blockRows(), mostCacheMiB = 64, stopAt }: Options = {},
) {
  const files = new Map<string, Uint8Array>();
  const stopping = new AbortController();
  const kept: number[] = [];
  const trained: Record<string, Set<number>> = {};
  const logger = createLogger('test', 'silent');
  const job = runDistillation({
    task: { jobId: 'job-1', spec: completeDistillation(spec), tensorBackend },
    store: storeOf(rows),
    artifacts: {
      get: async (key) => Promise.reject(problem('not-found', key)),
      async putFolder(_prefix, folder) {
        for (const [name, bytes] of folder) files.set(name, bytes);
      },
    },
    stages: createStages({
      ...{ folder, jobKey: 'job-1', checkpointSeconds: 0, mostCacheMiB, logger },
      onKept: (parts) => kept.push(parts),
    }),
    signal: stopping.signal,
    onProgress(progress) {
      const { stage, model, epoch } = progress;
      const name = model === undefined ? stage : `${stage} ${model}`;
      if (epoch !== undefined) trained[name] = (trained[name] ?? new Set()).add(epoch);
      if (stopAt?.(progress)) stopping.abort();
    },
    onWarning() {},
    logger,
    timedAnswers: 16,
  });
  const error = await job.then(() => null).catch((thrown) => thrown);
  const first = (name: string) => Math.min(...(trained[name] ?? [Number.POSITIVE_INFINITY]));
  return { error, weights: files.get('weights.safetensors'), stages: Object.keys(trained), first, kept };
}

function ofOneMiB(folder: string) {
  const logger = createLogger('test', 'silent');
  return createStages({ folder, jobKey: 'j', checkpointSeconds: 0, mostCacheMiB: 1, logger });
}

const state = (length: number) => ({
  kind: 'softmax',
  settings: {},
  epochs: 1,
  tensors: { w: { shape: [length], values: new Float32Array(length).fill(0.5) } },
});

/** To end a run after the first epoch that it trains of a stage. */
const trains = (stage: string) => (progress: JobProgress) =>
  progress.stage === stage && progress.epoch !== undefined;

const cached = (folder: string) => readdirSync(path.join(folder, 'teachers')).sort();

/** A job that nothing ended, and the folder with what it kept. */
let whole: Awaited<ReturnType<typeof run>>;
let kept: string;
beforeAll(async () => {
  kept = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-kept-'));
  whole = await run(kept);
  expect(whole.error).toBeNull();
});
afterAll(() => rmSync(kept, { recursive: true, force: true }));

describe('a job that is ended and run again', () => {
  it.each([
    ['teacher', 3, 'teacher'],
    ['distillation', 3, 'distillation'],
    ['student-alone', 2, 'student-alone to choose the epochs'],
  ])('goes on with its %s and ends with the same bytes', async (stage, epoch, loop) => {
    const folder = await temporaryFolder();
    const ended = await run(folder, { stopAt: (p) => p.stage === stage && p.epoch === epoch });
    expect(ended.error).toMatchObject({ code: 'cancelled' });
    const again = await run(folder);
    expect(again.error).toBeNull();
    expect(again.weights).toEqual(whole.weights);
    // Stages before are not run again, the stage itself goes on.
    expect(again.first(loop)).toBeGreaterThan(1);
    // Both told of new parts alone, counted on over the two attempts.
    const parts = [...ended.kept, ...again.kept];
    expect(parts).toEqual(parts.map((_, i) => i + 1));
    expect(Math.min(ended.kept.length, again.kept.length)).toBeGreaterThan(0);
    if (stage !== 'teacher') expect(again.stages).not.toContain('teacher');
    if (stage === 'student-alone') expect(again.stages).not.toContain('distillation');

    expect(existsSync(path.join(folder, 'jobs/job-1'))).toBe(true);
    await removeCheckpoints({ folder, jobKey: 'job-1' });
    expect(readdirSync(path.join(folder, 'jobs'))).toEqual([]);
    expect(cached(folder)).not.toEqual([]);
  });

  it.each([
    ['data', { rows: blockRows().slice(3) }],
    ['split', { spec: OTHER_SPLIT }],
    ['seed', { spec: { ...SPEC, distillation: { ...SPEC.distillation, seed: 8 } } }],
    ['learning rate', { spec: { ...SPEC, teacher: { ...SPEC.teacher!, learningRate: 0.011 } } }],
  ] as [string, Options][])('starts its teacher over where the %s is another', async (_, other) => {
    const folder = await temporaryFolder();
    await run(folder, { stopAt: (p) => p.stage === 'teacher' && p.epoch === 3 });
    expect((await run(folder, { ...other, stopAt: trains('teacher') })).first('teacher')).toBe(1);
  });

  it('starts its student over where the settings of that are others, with the teacher that there is', async () => {
    const folder = await temporaryFolder();
    await run(folder, { stopAt: (p) => p.stage === 'distillation' && p.epoch === 3 });
    const spec = { ...SPEC, distillation: { ...SPEC.distillation, learningRate: 0.011 } };
    const again = await run(folder, { spec, stopAt: trains('distillation') });
    expect(again.stages).toEqual(['distillation']);
    expect(again.first('distillation')).toBe(1);
  });

  it('starts over where a checkpoint is damaged', async () => {
    const folder = await temporaryFolder();
    await run(folder, { stopAt: (p) => p.stage === 'teacher' && p.epoch === 3 });
    truncateSync(path.join(folder, 'jobs/job-1/teacher.checkpoint'), 200);
    const again = await run(folder);
    expect(again.error).toBeNull();
    expect(again.first('teacher')).toBe(1);
  });
});

describe('a teacher', () => {
  it('is trained once for the same data and settings, with its lists', async () => {
    const folder = kept;
    await removeCheckpoints({ folder, jobKey: 'job-1' });
    const before = cached(folder);
    // The teacher as it was chosen, the same with the validation pairs, and the lists of that.
    expect(before).toHaveLength(3);
    const again = await run(folder);
    expect(again.stages).not.toContain('teacher');
    expect(again.weights).toEqual(whole.weights);
    const wider = await run(folder, { spec: { ...SPEC, student: { kind: 'fold-in', dimensions: 8 } } });
    expect(wider.stages).not.toContain('teacher');
    expect(cached(folder)).toEqual(before);
    const longer = { ...SPEC, teacher: { ...SPEC.teacher!, epochs: 7 } };
    for (const spec of [longer, OTHER_SPLIT])
      expect((await run(folder, { spec, stopAt: trains('teacher') })).first('teacher')).toBe(1);
  });

  it('is not kept beyond the space that there is', async () => {
    const folder = await temporaryFolder();
    // Its student learns, so the teacher is trained.
    const { stages: seen } = await run(folder, { mostCacheMiB: 0, stopAt: trains('distillation') });
    expect(seen).toContain('distillation');
    expect(existsSync(path.join(folder, 'teachers'))).toBe(false);
    const stages = ofOneMiB(folder);
    for (const hash of ['a', 'b', 'c']) {
      await stages.saveTeacher(hash, state(100_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await stages.loadTeacher('a');
    }
    expect(cached(folder)).toEqual(['a.teacher', 'c.teacher']);
    expect(await stages.loadTeacher('a')).toEqual(state(100_000));
    expect(await stages.loadTeacher('b')).toBeUndefined();
  });

  it('makes room for a large one in place of as many as it takes, those unused for longest', async () => {
    const folder = await temporaryFolder();
    const stages = ofOneMiB(folder);
    for (const [age, hash] of ['used', 'older', 'oldest'].entries()) {
      await stages.saveTeacher(hash, state(60_000));
      const usedAt = new Date(Date.now() - (age + 1) * 60_000);
      await utimes(path.join(folder, 'teachers', `${hash}.teacher`), usedAt, usedAt);
    }
    // 0.23 MiB each, and 0.76 MiB: there is room for one of the three beside it.
    await stages.saveTeacher('large', state(200_000));
    expect(cached(folder)).toEqual(['large.teacher', 'used.teacher']);
  });
});
