import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { makeFolder, syncFolder } from './fs-durable.ts';

/** No key can contain a tilde, so no reader comes here. */
const FOLDER = '~staging';
/**
 * Age from which on a staged file is what a killed process left. Far longer than any upload, because several
 * processes share the store.
 */
const STALE_MS = 24 * 3600_000;

export interface Staging {
  /** A path of its own on the same file system, for a file or a folder that is not there yet. */
  next(): Promise<string>;
  /** Gives what is staged its name, and flushes the name. */
  publish(staged: string, target: string): Promise<void>;
  /** Takes what is at the target out of sight; null when nothing is there. */
  retire(target: string): Promise<string | null>;
  /** Removes, in silence: rubbish that stays is swept later. */
  discard(staged: string): Promise<void>;
}

export function createStaging(root: string): Staging {
  const folder = path.join(root, FOLDER);
  let swept = false;

  async function next(): Promise<string> {
    await makeFolder(folder);
    if (!swept) {
      swept = true;
      await sweep(folder);
    }
    return path.join(folder, randomUUID());
  }

  return {
    next,

    async publish(staged, target) {
      await makeFolder(path.dirname(target));
      await fs.rename(staged, target);
      await syncFolder(path.dirname(target));
    },

    async retire(target) {
      const aside = await next();
      try {
        await fs.rename(target, aside);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw error;
      }
      await syncFolder(path.dirname(target));
      return aside;
    },

    discard,
  };
}

async function sweep(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder)) {
    const entry = path.join(folder, name);
    const { mtimeMs } = await fs.stat(entry).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_MS) await discard(entry);
  }
}

async function discard(staged: string): Promise<void> {
  await fs.rm(staged, { recursive: true, force: true }).catch(() => undefined);
}
