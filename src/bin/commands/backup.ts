import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createArtifactStore } from '../../artifact/store/create-store.ts';
import { writeBackup } from '../../backup/write.ts';
import { readConfig } from '../../core/config.ts';
import { messageOf } from '../../core/errors.ts';
import { asksForHelp } from './command.ts';
import { openInstallation } from './installation.ts';

const USAGE = 'stillhouse backup FILE [--without-models], or - to write it to standard output';
const HELP = `${USAGE}.
FILE becomes the tar of the installation that the settings name, as of one moment, packed with gzip if its name ends
in .gz; api and workers may run. stillhouse restore takes it. --without-models leaves out stored versions and teachers.`;
const WITHOUT_MODELS = '--without-models';

/**
 * Writes the same tar as GET /exports/all, from the database itself. The file has its name when it is whole.
 * @throws Error or problem with one sentence that says what is wrong
 */
export async function backup(args: readonly string[]): Promise<void> {
  if (asksForHelp(args)) return console.log(HELP);
  const [file, ...more] = args.filter((arg) => arg !== WITHOUT_MODELS);
  if (file === undefined || more.length > 0 || (file.startsWith('-') && file !== '-'))
    throw new Error(`Say which file: ${USAGE}.`);
  const config = readConfig();
  const store = await openInstallation(config);
  try {
    const source = { backup: store.backup, artifacts: createArtifactStore(config) };
    const tar = await writeBackup(source, { models: !args.includes(WITHOUT_MODELS) });
    if (file === '-') return await pipeline(tar, process.stdout);
    const partial = `${file}.partial`;
    const target = createWriteStream(partial, { mode: 0o600 });
    try {
      await (file.endsWith('.gz') ? pipeline(tar, createGzip(), target) : pipeline(tar, target));
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw new Error(`The backup was not written: ${messageOf(error)}.`, { cause: error });
    }
    console.log(`Wrote ${file}.`);
  } finally {
    await store.close();
  }
}
