import { setTimeout } from 'node:timers/promises';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import { FINISHED_STATES } from '../../domain/jobs/job.ts';
import type { JobStore } from '../../store/jobs/contract.ts';
import type { SweepStore } from '../../store/jobs/sweep.ts';

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
const PAUSE_MS = 50;
const UPLOADS = 'imports';

export interface SweepDeps {
  store: { sweeps: SweepStore; jobs: Pick<JobStore, 'get'> };
  artifacts: Pick<ArtifactStore, 'list' | 'stat' | 'remove'>;
  days: { rejects: number; logs: number; jobs: number | undefined };
  logger: Logger;
  now: () => number;
}

/** Deletes what nobody needs of jobs that ended long ago, now and every hour, until the signal. */
export async function keepSwept(
  deps: SweepDeps & { signal: AbortSignal; intervalMs?: number },
): Promise<void> {
  const { signal, logger, intervalMs = INTERVAL_MS } = deps;
  await keepAt(() => sweep(deps, signal), {
    ...{ signal, intervalMs },
    onFailure: (reason) => logger.warn({ reason }, 'old records could not be deleted; it is tried again'),
  });
}

/** Does so once. Any number of workers may do it at the same time. */
export async function sweep(deps: SweepDeps, signal?: AbortSignal): Promise<void> {
  const { days, logger, now } = deps;
  const { sweeps } = deps.store;
  const before = (age: number) => now() - age * DAY_MS;
  const deleted = {
    rejects: await untilDone(() => sweeps.rejects(before(days.rejects)), signal),
    logLines: await untilDone(() => sweeps.logs(before(days.logs)), signal),
    jobs: days.jobs === undefined ? 0 : await untilDone(() => sweeps.jobs(before(days.jobs!)), signal),
    idempotencyKeys: await sweeps.idempotencyKeys(),
    uploads: await removeLeftUploads(deps, signal),
  };
  if (Object.values(deleted).some((count) => count > 0)) logger.info(deleted, 'old records are deleted');
}

async function untilDone(step: () => Promise<number>, signal: AbortSignal | undefined): Promise<number> {
  let deleted = 0;
  while (!signal?.aborted) {
    const count = await step();
    deleted += count;
    if (count === 0) break;
    // Other writers have their turn.
    await pause(PAUSE_MS, signal);
  }
  return deleted;
}

/** Files whose import has ended or was never made: their process was killed before it could remove them. */
async function removeLeftUploads(
  { artifacts, store, now }: SweepDeps,
  signal?: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const { key } of await artifacts.list(UPLOADS)) {
    if (signal?.aborted) break;
    const id = key.slice(UPLOADS.length + 1).split('.')[0]!;
    const job = await store.jobs.get(id);
    if (job && !FINISHED_STATES.includes(job.state)) continue;
    // The job of a fresh one may be about to be made, or to look at it for the last time.
    const found = await artifacts.stat(key);
    if (!found || found.changedAt > now() - DAY_MS) continue;
    await artifacts.remove(key);
    removed++;
  }
  return removed;
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await setTimeout(milliseconds, undefined, { ...(signal && { signal }), ref: false }).catch(() => {});
}
