import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { lockFile } from '../../store/sqlite/file-lock.ts';

export interface DataDirLock {
  /** An earlier start did not end in order; something of it may still be on its way out. */
  wasStale: boolean;
  release(): void;
}

/** The lock itself: an empty file, which nobody may open but SQLite. */
const LOCK = 'stillhouse.lock.db';
/** Tells people who has the lock. Whoever finds it and gets the lock knows that its writer did not end in order. */
const OWNER = 'stillhouse.lock';

/**
 * Reserves a data folder for one Stillhouse. A process that dies frees it, and one in another container is seen though its
 * process id is not.
 * @throws Error that names the folder and who uses it, or the file that cannot be locked
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const owner = path.join(dataDir, OWNER);
  const release = lock(path.join(dataDir, LOCK));
  const before = read(owner);
  if (release === null) {
    throw new Error(
      `Another Stillhouse${describe(before)} uses ${dataDir}: stop it, or set another DATA_DIR and PORT.`,
    );
  }
  writeFileSync(owner, JSON.stringify({ pid: process.pid, host: os.hostname() }));
  return {
    wasStale: before !== null,
    release() {
      rmSync(owner, { force: true });
      release();
    },
  };
}

function lock(file: string): ReturnType<typeof lockFile> {
  try {
    return lockFile(file);
  } catch (error) {
    throw new Error(`${file} cannot be locked (${messageOf(error)}): see to its rights, or remove it.`, {
      cause: error,
    });
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Empty where nobody can read who it is. */
function describe(owner: string | null): string {
  try {
    const { pid, host } = JSON.parse(owner ?? '') as { pid?: unknown; host?: unknown };
    return typeof pid === 'number' && typeof host === 'string' ? ` (process ${pid} on ${host})` : '';
  } catch {
    return '';
  }
}
