import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import path from 'node:path';
import { evictFiles } from '../../core/evict-files.ts';

export interface Cached {
  bytes: Buffer;
  /** ETag that the object had. */
  tag: string;
}

/** Copies of blobs on the disk of this machine; several processes may share the folder. */
export interface FileCache {
  /** The copy, if there is one and its bytes still have their hash; one that is damaged is removed. */
  read(key: string): Promise<Cached | undefined>;
  /** Keeps a copy and drops those that were not read for longest. One that is larger than the limit is not kept. */
  write(key: string, copy: Cached & { sha256: string }): Promise<void>;
  drop(key: string): Promise<void>;
}

/** Each file begins with so many bytes of JSON about it, filled up with blanks. */
const HEAD_BYTES = 2048;
/** Read and hashed at once: the event loop is free in between. */
const SLICE_BYTES = 2 ** 20;

export function createFileCache(folder: string, mostBytes: number): FileCache {
  const fileOf = (key: string) => path.join(folder, createHash('sha256').update(key).digest('hex'));
  const drop = (key: string) => rm(fileOf(key), { force: true });

  return {
    drop,

    async read(key) {
      const file = fileOf(key);
      const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (!handle) return undefined;
      const found = await readSound(handle, key).finally(() => handle.close());
      const now = new Date();
      if (found) await utimes(file, now, now).catch(() => {});
      else await drop(key);
      return found;
    },

    async write(key, { bytes, tag, sha256 }) {
      const head = Buffer.alloc(HEAD_BYTES, ' ');
      const length = head.write(JSON.stringify({ key, tag, sha256, bytes: bytes.length }));
      if (length === HEAD_BYTES || HEAD_BYTES + bytes.length > mostBytes) return drop(key);
      await mkdir(folder, { recursive: true });
      const aside = path.join(folder, `~${randomUUID()}`);
      try {
        const handle = await open(aside, 'wx');
        try {
          await handle.write(head);
          await handle.writeFile(bytes);
        } finally {
          await handle.close();
        }
        await rename(aside, fileOf(key));
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
      await evictFiles(folder, mostBytes);
    },
  };
}

/** The content of a cached file; undefined where it is cut, damaged or another key's. */
async function readSound(handle: FileHandle, key: string): Promise<Cached | undefined> {
  const { buffer: head } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  const said = parsed(head.toString('utf8'));
  const { size } = await handle.stat();
  if (said?.key !== key || size !== HEAD_BYTES + said.bytes) return undefined;
  const bytes = Buffer.from(new ArrayBuffer(said.bytes));
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await handle.read(
      bytes,
      at,
      Math.min(SLICE_BYTES, bytes.length - at),
      HEAD_BYTES + at,
    );
    if (bytesRead === 0) return undefined;
    hash.update(bytes.subarray(at, at + bytesRead));
    at += bytesRead;
  }
  return hash.digest('hex') === said.sha256 ? { bytes, tag: said.tag } : undefined;
}

function parsed(text: string): { key: string; tag: string; sha256: string; bytes: number } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
