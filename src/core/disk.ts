import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { problem } from './errors.ts';

export interface DiskState {
  freeBytes: number;
  /** The least that has to be free; 0 for no limit. */
  leastBytes: number;
  isLow: boolean;
}

/** Free space of the disks that are written to. */
export interface Disk {
  look(): Promise<DiskState>;
  /** @throws problem('storage-full') while too little is free */
  require(): Promise<void>;
}

/** One look serves all who ask within it. */
const FRESH_MS = 1_000;

/**
 * @param folders on the disks; they need not be there yet
 * @param free bytes that are free for this process on the disk of a folder
 */
export function createDisk(
  folders: readonly string[],
  leastBytes: number,
  {
    now = Date.now,
    free = freeBytesOf,
  }: { now?: () => number; free?: (folder: string) => Promise<number> } = {},
): Disk {
  let looked: { at: number; state: Promise<DiskState> } | undefined;

  async function measure(): Promise<DiskState> {
    const freeBytes = Math.min(...(await Promise.all(folders.map(free))));
    return { freeBytes, leastBytes, isLow: freeBytes < leastBytes };
  }
  function look(): Promise<DiskState> {
    if (!looked || now() - looked.at > FRESH_MS) looked = { at: now(), state: measure() };
    return looked.state;
  }
  return {
    look,
    async require() {
      const state = await look();
      if (state.isLow) throw problem('storage-full', lowDisk(state));
    },
  };
}

export function lowDisk({ freeBytes, leastBytes }: DiskState): string {
  const [free, least] = [freeBytes, leastBytes].map((bytes) => Math.floor(bytes / 2 ** 20));
  return `The disk has ${free} MiB free, and MIN_FREE_DISK_MIB asks for ${least}: imports are refused until there is more`;
}

async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    return freeBytesOf(parent);
  }
}
