import { createReadStream } from 'node:fs';
import { createArtifactStore } from '../../artifact/store/create-store.ts';
import { type RestoreTarget, restoreBackup } from '../../backup/restore.ts';
import { readConfig } from '../../core/config.ts';
import { messageOf } from '../../core/errors.ts';
import { makePrivateFiles } from '../../core/private-files.ts';
import { createStore } from '../../store/create-store.ts';
import { lockDataDir } from '../all-in-one/data-dir-lock.ts';
import { asksForHelp } from './command.ts';

const USAGE = 'stillhouse restore FILE, or - to read it from standard input';
const HELP = `${USAGE}.
FILE is the tar of GET /exports/all, packed with gzip or not. It goes into the empty installation that the settings
name (DATA_DIR, or DATABASE_URL and ARTIFACTS_URL); api and workers have to be stopped.`;

/** A worker that was heard of within this time is taken for one that runs. */
const ALIVE_MS = 15_000;

/**
 * Takes the tar of GET /exports/all into the empty installation that the settings name, and says what was put back.
 * @throws Error or problem with one sentence that says what is wrong
 */
export async function restore([file, ...more]: readonly string[]): Promise<void> {
  if (asksForHelp([file, ...more])) return console.log(HELP);
  if (file === undefined || more.length > 0) throw new Error(`Say which file: ${USAGE}.`);
  const config = readConfig();
  makePrivateFiles(config.dataDir);
  const lock = lockDataDir(config.dataDir);
  process.on('exit', lock.release);
  const store = await createStore(config.databaseUrl);
  let filesWritten = 0;
  try {
    const [worker] = await store.workers.alive(ALIVE_MS);
    if (worker) throw new Error(`Worker ${worker.id} uses this database: stop api and workers first.`);
    const bytes = file === '-' ? process.stdin : createReadStream(file);
    const files = createArtifactStore(config);
    const artifacts: RestoreTarget['artifacts'] = {
      async put(key, body) {
        const written = await files.put(key, body);
        filesWritten++;
        return written;
      },
    };
    const counts = await restoreBackup(bytes, { backup: store.backup, artifacts, now: Date.now });
    const said = Object.entries(counts).map(([part, count]) => `${count} ${part}`);
    console.log(`Restored ${said.join(', ') || 'an empty installation'}.`);
  } catch (error) {
    throw new Error(failureOf(messageOf(error), filesWritten), { cause: error });
  } finally {
    await store.close();
  }
}

/** Readers say of a cut file that it should be sent again, which is for those who upload one. */
function failureOf(reason: string, filesWritten: number): string {
  const isCut = /ends in the middle; send it again$/.test(reason);
  const why = isCut ? 'The file cannot be restored: the file ends too early: it is incomplete' : reason;
  const nothing = `${why}. Nothing was restored.`;
  if (filesWritten === 0) return nothing;
  return `${nothing} An empty database is left, and files of models that nothing names (${filesWritten}); a second restore into this place works and writes them again.`;
}
