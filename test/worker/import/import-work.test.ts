import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import type { ArtifactStore } from '../../../src/artifact/store/store.ts';
import type { Job } from '../../../src/domain/jobs/job.ts';
import { createStore } from '../../../src/store/create-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { createImportWork } from '../../../src/worker/import/import-work.ts';
import { recordEnding } from '../../../src/worker/queue/settle.ts';
import type { StopReason } from '../../../src/worker/trainer/outcome.ts';

const FILE = 'imports/job_a.csv';
const logger = pino({ level: 'silent' });
const signals = { publish: async () => {} };
let folder: string;
let store: Store;
let artifacts: ArtifactStore;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-import-'));
  store = await createStore(`sqlite:${folder}/test.db`);
  artifacts = createFsStore(pathToFileURL(folder).href);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the import as the runner does, stopped before it begins when there is a reason. */
async function runImportJob(csv: string, reason?: StopReason): Promise<Job> {
  const bytes = Buffer.from(csv);
  await artifacts.put(FILE, bytes);
  const spec = {
    type: 'import',
    kind: 'interactions',
    format: 'csv',
    file: FILE,
    bytes: bytes.length,
  } as const;
  await store.jobs.create({ id: 'job_a', type: 'import', model: null, spec });
  await store.jobs.transition('job_a', ['queued'], 'running');
  const job = (await store.jobs.get('job_a'))!;
  const controller = new AbortController();
  if (reason) controller.abort(reason);
  if (reason === 'cancel') await store.jobs.transition('job_a', ['running'], 'cancelling');
  const progress = { report() {}, enqueue() {}, flush: async () => {} };
  const work = createImportWork({ store, artifacts });
  const ending = await work(job, {
    signal: controller.signal,
    stop: () => {},
    progress,
    signals,
    log: { add() {}, addPrinted() {}, flush: async () => {} },
    logger,
  });
  await recordEnding(job, ending, reason, { store, signals, logger });
  return (await store.jobs.get('job_a'))!;
}

const isUploadThere = async () => (await artifacts.stat(FILE)) !== null;

describe('an import', () => {
  it('stores the rows and then removes the upload', async () => {
    const job = await runImportJob('userId,itemId,type\nu1,i1,click\n');
    expect(job).toMatchObject({ state: 'succeeded', result: { rows: 1, accepted: 1, rejected: 0 } });
    expect(await isUploadThere()).toBe(false);
  });

  it('fails for good on a file without the needed columns', async () => {
    const job = await runImportJob('user,item\nu1,i1\n');
    expect(job).toMatchObject({ state: 'failed', problem: { code: 'invalid-csv' } });
    expect(await isUploadThere()).toBe(false);
  });

  it('is put back with its upload when the worker goes down', async () => {
    const job = await runImportJob('userId,itemId,type\nu1,i1,click\n', 'shutdown');
    expect(job.state).toBe('queued');
    expect(await isUploadThere()).toBe(true);
  });

  it('that is put back keeps its progress, behind which the next run goes on', async () => {
    const spec = { type: 'import', kind: 'interactions', format: 'csv' } as const;
    await store.jobs.create({ id: 'job_b', type: 'import', model: null, spec });
    await store.jobs.transition('job_b', ['queued'], 'running');
    const progress = { stage: 'import', fraction: 0.5, rows: 7, accepted: 7 };
    await store.jobs.progress('job_b', progress);
    expect(await store.jobs.transition('job_b', ['running'], 'queued')).toBe(true);
    expect((await store.jobs.get('job_b'))?.progress).toEqual(progress);
    await store.jobs.transition('job_b', ['queued'], 'running');
    expect((await store.jobs.get('job_b'))?.progress).toEqual(progress);
  });

  it('leaves the upload to whoever has taken the job over', async () => {
    const job = await runImportJob('userId,itemId,type\nu1,i1,click\n', 'lost');
    expect(job.state).toBe('running');
    expect(await isUploadThere()).toBe(true);
  });

  it('is cancelled together with its upload', async () => {
    const job = await runImportJob('userId,itemId,type\nu1,i1,click\n', 'cancel');
    expect(job.state).toBe('cancelled');
    expect(await isUploadThere()).toBe(false);
  });
});
