// @ts-check
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from './paths.mjs';

const dayMs = 24 * 60 * 60 * 1000;

/** @param {string} file */
export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Cheap identity of a file: enough to see that somebody replaced or deleted it. @param {string} file */
export function fingerprint(file) {
  const found = existsSync(file) ? statSync(file) : undefined;
  return found && `${found.size}-${Math.trunc(found.mtimeMs)}`;
}

/** @param {string} file */
export async function sha256(file) {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part);
  return hash.digest('hex');
}

/** Readers see the old file or the new one, never half of it. @param {string} file @param {string} text */
export async function writeAtomically(file, text) {
  await replaceAtomically(file, (temporary) => writeFile(temporary, text));
}

/**
 * A running process keeps the library that it has mapped, because the old file is unlinked and not overwritten.
 * @param {string} source @param {string} target
 */
export async function copyAtomically(source, target) {
  await replaceAtomically(target, (temporary) => copyFile(source, temporary));
}

/** @param {string} source @param {string} target */
export async function linkAtomically(source, target) {
  if ((await readlink(target).catch(() => undefined)) === source) return;
  await replaceAtomically(target, (temporary) => symlink(source, temporary));
}

/** @param {string} target @param {(temporary: string) => Promise<void>} create */
async function replaceAtomically(target, create) {
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${randomUUID()}`;
  try {
    await create(temporary);
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Runs `fill` on a temporary folder of the cache and then renames it to `target`. When another set-up was
 * faster, its folder stays and ours goes.
 * @param {string} target @param {(temporary: string) => Promise<void>} fill
 */
export async function createFolderAtomically(target, fill) {
  await withTemporaryFolder(async (temporary) => {
    await fill(temporary);
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target).catch((error) => {
      if (!existsSync(target)) throw error;
    });
  });
}

/**
 * The folder lies in the cache, on the same file system as everything that is renamed out of it.
 * @template T @param {(folder: string) => Promise<T>} use
 */
export async function withTemporaryFolder(use) {
  const room = join(cacheFolder(), 'tmp');
  const folder = join(room, randomUUID());
  await mkdir(folder, { recursive: true });
  await removeAbandoned(room);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Folders of set-ups that were killed. @param {string} room */
async function removeAbandoned(room) {
  for (const name of await readdir(room)) {
    const folder = join(room, name);
    const age = Date.now() - (await stat(folder).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > dayMs) await rm(folder, { recursive: true, force: true });
  }
}
