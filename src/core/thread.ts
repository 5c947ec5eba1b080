import { Worker } from 'node:worker_threads';

/** A thread without what the process was told to load first (node --import): that is for the process alone. */
export function startThread(file: string | URL, workerData: unknown): Worker {
  return new Worker(file, { workerData, execArgv: [] });
}
