import os from 'node:os';

/** The rest is for the api, the database and the system. */
const SHARE = 0.8;

/**
 * Returns the memory that each of several trainers may take, in MiB.
 * @param trainersAtOnce how many may run at the same time
 * @param bytes memory of the machine, or of the container where that is less
 */
export function memoryShareMiB(trainersAtOnce: number, bytes = memoryBytes()): number {
  return Math.max(1, Math.floor((SHARE * bytes) / 2 ** 20 / trainersAtOnce));
}

function memoryBytes(): number {
  // 0 where nothing limits the process.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, os.totalmem()) : os.totalmem();
}
