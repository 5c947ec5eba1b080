import { Worker } from 'node:worker_threads';
import { builtFile } from './built-file.ts';

/** A thread without what the process was told to load first (node --import): that is for the process alone. */
export function startThread(file: string | URL, workerData: unknown): Worker {
  return new Worker(file, { workerData, execArgv: [] });
}

/**
 * A thread for work that nobody waits for: where the cores are taken, the others go first, also while it reads its
 * modules. Linux alone knows priorities of threads; elsewhere it is a thread like any other.
 */
export function startPatientThread(file: string): Worker {
  return startThread(builtFile('core/patient-thread.js'), { file });
}
