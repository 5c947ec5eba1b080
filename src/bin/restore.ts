import { createReadStream } from 'node:fs';
import { createFsStore } from '../artifact/store/fs-store.ts';
import { restoreBackup } from '../backup/restore.ts';
import { readConfig } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import { createStore } from '../store/create-store.ts';
import { lockDataDir } from './all-in-one/data-dir-lock.ts';

export const USAGE = 'stillhouse restore FILE, or - to read it from standard input';

/** A worker that was heard of within this time is taken for one that runs. */
const ALIVE_MS = 15_000;

/**
 * Takes the tar of GET /exports/all into the empty installation that the settings name, and says what was put back.
 * @throws Error or problem with one sentence that says what is wrong
 */
export async function restore([file, ...more]: readonly string[]): Promise<void> {
  if (file === undefined || more.length > 0) throw new Error(`Say which file: ${USAGE}.`);
  const config = readConfig();
  const lock = lockDataDir(config.dataDir);
  process.on('exit', lock.release);
  const store = await createStore(config.databaseUrl);
  try {
    const [worker] = await store.workers.alive(ALIVE_MS);
    if (worker) throw new Error(`Worker ${worker.id} uses this database: stop api and workers first.`);
    const bytes = file === '-' ? process.stdin : createReadStream(file);
    const artifacts = createFsStore(config.artifactsUrl);
    const counts = await restoreBackup(bytes, { backup: store.backup, artifacts, now: Date.now });
    const said = Object.entries(counts).map(([part, count]) => `${count} ${part}`);
    console.log(`Restored ${said.join(', ') || 'an empty installation'}.`);
  } catch (error) {
    throw new Error(`${messageOf(error)}. Nothing was restored.`, { cause: error });
  } finally {
    await store.close();
  }
}
