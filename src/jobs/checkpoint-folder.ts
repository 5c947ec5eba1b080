import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { StageSettings } from './contract.ts';

type Where = Pick<StageSettings, 'folder' | 'jobKey'>;

/** Time for which checkpoints of jobs that failed or were cancelled wait for a retry. */
const KEPT_MS = 7 * 86_400_000;

/** Folder of the artifact store in which machines share the files of stages. */
export const SHARED_STAGES = 'stages';

/** The checkpoints of one job in the artifact store. */
export const sharedCheckpoints = (jobKey: string) => `${SHARED_STAGES}/jobs/${jobKey}`;

/** Folder of the checkpoints of one job, or of a chain of retries. */
export function checkpointFolder({ folder, jobKey }: Where): string {
  return path.join(folder, 'jobs', jobKey);
}

/** Removes the checkpoints of a job that is done, and those of other jobs that nobody retried; teachers stay. */
export async function removeCheckpoints(where: Where): Promise<void> {
  const mine = checkpointFolder(where);
  await rm(mine, { recursive: true, force: true });
  await sweep(path.dirname(mine));
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const job = path.join(folder, name);
    const found = await stat(job).catch(() => null);
    if (found && Date.now() - found.mtimeMs > KEPT_MS) await rm(job, { recursive: true, force: true });
  }
}
