// Lowers its own priority before it loads what it is for. Started by thread.ts.
import { readlinkSync } from 'node:fs';
import os from 'node:os';
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';

/** A tenth of the time that a thread of the process gets, where both want all of it. */
const NICER_BY = 10;

try {
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  os.setPriority(thread, Math.min(os.constants.priority.PRIORITY_LOW, os.getPriority() + NICER_BY));
} catch {
  // No Linux, or no right to.
}
await import(pathToFileURL((workerData as { file: string }).file).href);
