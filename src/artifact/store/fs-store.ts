import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder, syncFolder, writeNewFile } from './fs-durable.ts';
import { guarded } from './fs-errors.ts';
import { createStaging } from './fs-staging.ts';
import { checkKey, checkRange } from './key.ts';
import { notFound } from './not-found.ts';
import type { ArtifactStore } from './store.ts';

/**
 * Artifacts as files below one folder. Everything is written aside, flushed and renamed: after a crash or a power
 * cut there is the whole blob or none. Several processes may share the folder.
 * @param artifactsUrl `file:/absolute/folder`; made when something is first written
 */
export function createFsStore(artifactsUrl: string): ArtifactStore {
  const root = rootOf(artifactsUrl);
  const staging = createStaging(root);
  const locate = (key: string) => path.join(root, checkKey(key));

  /** Whatever `work` leaves at the staged path when it fails is removed. */
  async function staged<T>(key: string, work: (aside: string) => Promise<T>): Promise<T> {
    const aside = await guarded('written', key, staging.next);
    try {
      return await work(aside);
    } catch (error) {
      await staging.discard(aside);
      throw error;
    }
  }

  return {
    async put(key, body) {
      const target = locate(key);
      return staged(key, async (aside) => {
        const written = await writeNewFile(aside, body, (work) => guarded('written', key, work));
        await guarded('written', key, () => staging.publish(aside, target));
        return written;
      });
    },

    async putFolder(prefix, files) {
      const target = locate(prefix);
      for (const name of files.keys()) checkKey(name);
      await staged(prefix, (aside) =>
        guarded('written', prefix, async () => {
          await writeFolder(aside, files);
          // A folder cannot be renamed over another one: the old one steps aside first, and back when that fails.
          const old = await staging.retire(target);
          try {
            await staging.publish(aside, target);
          } catch (error) {
            if (old) await staging.publish(old, target);
            throw error;
          }
          if (old) await staging.discard(old);
        }),
      );
    },

    async get(key) {
      const file = locate(key);
      return guarded('read', key, () => fs.readFile(file));
    },

    async open(key, range) {
      const file = locate(key);
      checkRange(range);
      return guarded('read', key, () => openFile(key, file, range));
    },

    list: (prefix) => guarded('read', prefix, async () => filesBelow(locate(prefix), prefix)),

    async stat(key) {
      const file = locate(key);
      const found = await guarded('read', key, () => fs.stat(file)).catch((error) => {
        if (error.code === 'not-found') return null;
        throw error;
      });
      return found?.isFile() ? { bytes: found.size, changedAt: found.mtimeMs } : null;
    },

    async remove(key) {
      const target = locate(key);
      await guarded('removed', key, async () => {
        const old = await staging.retire(target);
        if (old) await staging.discard(old);
      });
    },
  };
}

/** `file:/folder` as the settings write it, any characters as they are; `file:///folder` is a percent-encoded URL. */
function rootOf(url: string): string {
  if (!url.startsWith('file:')) throw new Error(`${url} is not a file: URL`);
  return url.startsWith('file://') ? fileURLToPath(url) : path.resolve(url.slice('file:'.length));
}

async function openFile(key: string, file: string, range: Parameters<ArtifactStore['open']>[1]) {
  const handle = await fs.open(file, 'r');
  // Opening a folder succeeds; only reading from it would fail.
  if ((await handle.stat()).isFile()) return handle.createReadStream(range);
  await handle.close();
  throw notFound(key);
}

async function filesBelow(folder: string, key: string): Promise<{ key: string; bytes: number }[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(at, `${key}/${entry.name}`);
      return [{ key: `${key}/${entry.name}`, bytes: (await fs.stat(at)).size }];
    }),
  );
  return found.flat().sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  // Not makeFolder: on a read-only disk Node's recursive mkdir says that the parent is missing.
  await fs.mkdir(folder);
  const folders = new Set([folder]);
  for (const [name, bytes] of files) {
    const file = path.join(folder, name);
    await makeFolder(path.dirname(file));
    await writeNewFile(file, bytes, (work) => work());
    folders.add(path.dirname(file));
  }
  for (const each of folders) await syncFolder(each);
}
