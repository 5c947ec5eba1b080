import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Removes the files of a folder that were changed least recently, until the others take no more than so many bytes. Whoever
 * reads a file renews its time; several processes may do both at once.
 */
export async function evictFiles(folder: string, mostBytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    // Another process may have removed it in between.
    const found = await stat(file).catch(() => null);
    if (found?.isFile()) files.push({ file, bytes: found.size, usedAt: found.mtimeMs });
  }
  files.sort((a, b) => b.usedAt - a.usedAt);
  let bytes = 0;
  for (const one of files) {
    bytes += one.bytes;
    if (bytes > mostBytes) await rm(one.file, { force: true });
  }
}
