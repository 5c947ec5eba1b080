import { describe, expect, it, vi } from 'vitest';
import type { Store } from '../../../src/store/store.ts';
import { type ClaimDeps, claimJob } from '../../../src/worker/queue/claim.ts';
import { distillationJob, openStore, temporaryFolder } from '../../helpers/store.ts';

async function bench(options: Partial<ClaimDeps> & { keepsLock?: boolean } = {}) {
  const { keepsLock = true, ...more } = options;
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  const refresh = vi.fn(async () => keepsLock);
  const locks = { refresh } as unknown as ClaimDeps['locks'];
  const claim = (id: string) =>
    claimJob(id, 'token', { jobs: store.jobs, locks, takeoverMs: 0, heldUpPauseMs: 0, ...more });
  return { store, jobs: store.jobs, refresh, claim };
}

/** A job that SQL calls running in this attempt. */
async function createRunning(jobs: Store['jobs'], id: string, attempts = 1): Promise<void> {
  await jobs.create(distillationJob(id));
  await jobs.claim(id, 'queued', {});
  for (let attempt = 2; attempt <= attempts; attempt++) await jobs.claim(id, 'running', {});
}

const stateOf = async (jobs: Store['jobs'], id: string) => {
  const { state, attempts } = (await jobs.get(id))!;
  return { state, attempts };
};

describe('a queued job', () => {
  it('is claimed, in a new attempt', async () => {
    const { jobs, refresh, claim } = await bench();
    await jobs.create(distillationJob('job_a'));
    expect(await claim('job_a')).toMatchObject({
      kind: 'claimed',
      job: { id: 'job_a', state: 'running', attempts: 1 },
    });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('waits where no more jobs may run', async () => {
    const { jobs, claim } = await bench({ mostRunning: 1 });
    await createRunning(jobs, 'job_a');
    await jobs.create(distillationJob('job_b'));
    expect(await claim('job_b')).toMatchObject({ kind: 'wait' });
    expect(await stateOf(jobs, 'job_b')).toEqual({ state: 'queued', attempts: 0 });
  });
});

describe('a job that SQL calls running', () => {
  it('is taken over in an attempt more, under the lock of the one who takes it', async () => {
    const { jobs, refresh, claim } = await bench();
    await createRunning(jobs, 'job_a');
    expect(await claim('job_a')).toMatchObject({ kind: 'claimed', job: { state: 'running', attempts: 2 } });
    expect(refresh).toHaveBeenCalledWith('job_a', 'token');
  });

  it('is left to whoever has the lock when the wait for its holder is over', async () => {
    const { jobs, claim } = await bench({ keepsLock: false });
    await createRunning(jobs, 'job_a');
    expect(await claim('job_a')).toEqual({ kind: 'busy' });
  });

  it('is given up when three workers were lost with it and nothing was kept in between', async () => {
    const { jobs, claim } = await bench();
    await createRunning(jobs, 'job_a');
    for (const attempts of [2, 3])
      expect(await claim('job_a')).toMatchObject({ kind: 'claimed', job: { attempts } });
    expect(await claim('job_a')).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/lost.* 3 times in a row without a new checkpoint/),
    });
    expect(await jobs.get('job_a')).toMatchObject({
      state: 'failed',
      attempts: 3,
      problem: { code: 'trainer-crashed', failedAttempts: 3 },
    });
  });

  it('goes on for as long as it gets on, however often its workers are lost', async () => {
    const { jobs, claim } = await bench();
    await createRunning(jobs, 'job_a');
    for (let kept = 1; kept <= 8; kept++) {
      await jobs.progress('job_a', { stage: 'teacher', fraction: 0.1, kept });
      expect(await claim('job_a')).toMatchObject({ kind: 'claimed' });
    }
    for (const kind of ['claimed', 'failed']) expect(await claim('job_a')).toMatchObject({ kind });
  });
});

it('a job that was to be cancelled is over, and whoever removes what it left is told once', async () => {
  const onAbandoned = vi.fn(async () => {});
  const { jobs, claim } = await bench({ onAbandoned });
  await createRunning(jobs, 'job_a');
  await jobs.transition('job_a', ['running'], 'cancelling');
  expect(await claim('job_a')).toEqual({ kind: 'finished' });
  expect(await claim('job_a')).toEqual({ kind: 'finished' });
  expect(await stateOf(jobs, 'job_a')).toEqual({ state: 'cancelled', attempts: 1 });
  expect(onAbandoned).toHaveBeenCalledTimes(1);
});

it('a job without a record is finished', async () => {
  const { claim } = await bench();
  expect(await claim('job_none')).toEqual({ kind: 'finished' });
});
