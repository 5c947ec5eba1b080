import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { AppError, messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { SHARED_STAGES } from '../../jobs/checkpoint-folder.ts';

/** Copies of kept files in the artifact store, from which another machine goes on. Sharing never fails a job. */
export interface SharedFiles {
  /** Fetches what another machine has sent of this file. @returns false where there is nothing, or the store is away */
  fetch(file: string, into?: string): Promise<boolean>;
  /** Fetches the file only where it is not on this disk. */
  fetchMissing(file: string): Promise<void>;
  /** Sends the file in the background; of several versions that wait the newest alone. */
  send(file: string): void;
  /** Resolves when all is sent, or after some seconds: a trainer that has to end does not wait for a store that hangs. */
  settled(): Promise<void>;
}

const LONGEST_SETTLE_MS = 8_000;

/** @param folder the one whose files are shared, each under its path within */
export function createSharedFiles(
  artifacts: Pick<ArtifactStore, 'put' | 'open'>,
  folder: string,
  logger: Logger,
): SharedFiles {
  const sending = new Map<string, Promise<void>>();
  const changed = new Set<string>();
  const keyOf = (file: string) => `${SHARED_STAGES}/${path.relative(folder, file).split(path.sep).join('/')}`;

  async function trying(what: string, file: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not-found') return false;
      logger.warn({ reason: messageOf(error), file: path.basename(file) }, `this part could not be ${what}`);
      return false;
    }
  }

  async function fetch(file: string, into = file): Promise<boolean> {
    return trying('fetched from other machines', file, async () => {
      const source = await artifacts.open(keyOf(file));
      const aside = `${into}.${process.pid}.fetched`;
      try {
        await mkdir(path.dirname(into), { recursive: true });
        await pipeline(source, createWriteStream(aside));
        await rename(aside, into);
      } finally {
        await rm(aside, { force: true });
      }
    });
  }

  async function sendNewest(file: string): Promise<void> {
    do {
      changed.delete(file);
      await trying('sent to other machines', file, () => artifacts.put(keyOf(file), createReadStream(file)));
    } while (changed.has(file));
    sending.delete(file);
  }

  return {
    fetch,

    async fetchMissing(file) {
      if (!(await stat(file).catch(() => null))) await fetch(file);
    },

    send(file) {
      if (sending.has(file)) changed.add(file);
      else sending.set(file, sendNewest(file));
    },

    async settled() {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, LONGEST_SETTLE_MS);
      });
      await Promise.race([Promise.all(sending.values()), limit]);
      clearTimeout(timer);
    },
  };
}
