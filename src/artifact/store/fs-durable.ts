import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';

/** Runs the write calls only, so that the caller can tell their errors from those of the source. */
export type Guard = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes the folder and its parents, and flushes the entries of those that were missing. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await fs.mkdir(folder, { recursive: true });
  if (first === undefined) return;
  const top = path.dirname(first);
  for (let parent = path.dirname(folder); ; parent = path.dirname(parent)) {
    await syncFolder(parent);
    if (parent === top || parent === path.dirname(parent)) return;
  }
}

/** Flushes a folder after a rename: only then is the new name itself on disk. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and flushes it. */
export async function writeNewFile(
  file: string,
  body: Readable | Uint8Array,
  guard: Guard,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await guard(() => fs.open(file, 'wx'));
  try {
    for await (const part of body instanceof Uint8Array ? [body] : body) {
      const chunk: Uint8Array = typeof part === 'string' ? Buffer.from(part) : part;
      hash.update(chunk);
      bytes += chunk.length;
      await guard(() => handle.writeFile(chunk));
    }
    await guard(() => handle.sync());
  } finally {
    // Some file systems say only now that there is no room.
    await guard(() => handle.close());
  }
  return { bytes, sha256: hash.digest('hex') };
}
