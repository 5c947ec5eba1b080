import { chmodSync, mkdirSync } from 'node:fs';
import { chmod, lstat, opendir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from './errors.ts';
import type { Logger } from './logger.ts';

/** Rights of a group and of others. */
const NOT_THE_OWNERS = 0o077;

/**
 * From now on this process and its children make files that their owner alone may read (0600, folders 0700), wherever they lie. The
 * data folder itself is closed at once, and with it all that is in it.
 */
export function makePrivateFiles(dataDir: string): void {
  process.umask(NOT_THE_OWNERS);
  mkdirSync(dataDir, { recursive: true });
  try {
    chmodSync(dataDir, 0o700);
  } catch (error) {
    // A mounted folder may belong to somebody else; `tighten` says so.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/**
 * Takes the rights of a group and of others from files that are there already. Links are not followed, and the owner's rights stay.
 * Files that cannot be changed are said in the log once.
 */
export async function tighten(dataDir: string, logger: Pick<Logger, 'info' | 'warn'>): Promise<void> {
  let changed = 0;
  const left: string[] = [];

  async function visit(place: string): Promise<void> {
    try {
      const info = await lstat(place);
      if (info.isSymbolicLink()) return;
      const { mode } = info;
      if ((mode & NOT_THE_OWNERS) !== 0) {
        await chmod(place, mode & 0o7700);
        changed++;
      }
      if (!info.isDirectory()) return;
      for await (const { name } of await opendir(place)) await visit(path.join(place, name));
    } catch (error) {
      // Files come and go meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') left.push(messageOf(error));
    }
  }

  await visit(dataDir);
  if (changed > 0) logger.info({ changed, dataDir }, 'files of the data folder are private now');
  if (left.length > 0)
    logger.warn(
      { left: left.length, first: left[0], dataDir },
      'files of the data folder stay open to others',
    );
}
