import { Readable } from 'node:stream';
import { DeleteObjectsCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AppError } from '../../core/errors.ts';
import { checkKey, checkRange } from './key.ts';
import { notFound } from './not-found.ts';
import { connectS3, type S3Connection, type S3Settings } from './s3-connection.ts';
import { openObject, type ReadOptions, readObject } from './s3-read.ts';
import { putBytes, putStream } from './s3-write.ts';
import type { ArtifactStore } from './store.ts';

/** The blob whose presence says that a folder is whole. */
const MANIFEST = 'manifest.json';
/** Blobs of a folder that are written side by side. */
const WRITTEN_AT_ONCE = 4;

export interface S3Store extends ArtifactStore {
  /** A blob with its ETag and SHA-256; null where it still has the ETag that the caller knows. */
  read(
    key: string,
    options?: Pick<ReadOptions, 'unless' | 'patienceMs'>,
  ): Promise<{ bytes: Buffer; tag: string; sha256: string } | null>;
}

/**
 * Artifacts as objects of a bucket, each under its own key. What a request does is done at once or not at all; a folder, which
 * takes many, gets its manifest.json last and loses it first.
 */
export function createS3Store(settings: S3Settings): S3Store {
  const s3 = connectS3(settings);

  async function read(key: string, options?: Parameters<S3Store['read']>[1]) {
    return readObject(s3, checkKey(key), options);
  }

  return {
    read,

    async put(key, body) {
      checkKey(key);
      return body instanceof Uint8Array ? putBytes(s3, key, body) : putStream(s3, key, body);
    },

    async putFolder(prefix, files) {
      checkKey(prefix);
      for (const name of files.keys()) checkKey(name);
      await writeFolder(s3, prefix, files);
    },

    async get(key) {
      const found = await read(key);
      if (!found) throw notFound(key);
      return found.bytes;
    },

    async open(key, range) {
      checkKey(key);
      checkRange(range);
      const opened = await openObject(s3, key, { range });
      if (!opened) throw notFound(key);
      return Readable.from(opened.body, { objectMode: false });
    },

    async list(prefix) {
      return listBelow(s3, checkKey(prefix));
    },

    async stat(key) {
      const object = { Bucket: s3.bucket, Key: s3.locate(checkKey(key)) };
      try {
        const head = await s3.asking('read', key, () => s3.client.send(new HeadObjectCommand(object)));
        return { bytes: head.ContentLength ?? 0, changedAt: head.LastModified?.getTime() ?? 0 };
      } catch (error) {
        if (error instanceof AppError && error.code === 'not-found') return null;
        throw error;
      }
    },

    async remove(key) {
      const below = await listBelow(s3, checkKey(key));
      const keys = [key, ...below.map((blob) => blob.key)];
      await removeAll(s3, key, keys);
    },
  };
}

async function writeFolder(s3: S3Connection, prefix: string, files: ReadonlyMap<string, Uint8Array>) {
  const manifest = files.get(MANIFEST);
  if (!manifest) throw new Error(`${prefix} needs a ${MANIFEST}, which says that the folder is whole`);
  const old = (await listBelow(s3, prefix)).map(({ key }) => key);
  // What is there must not stand beside what takes its place.
  if (old.includes(`${prefix}/${MANIFEST}`)) await removeAll(s3, prefix, [`${prefix}/${MANIFEST}`]);
  const waiting = [...files].filter(([name]) => name !== MANIFEST);
  try {
    const write = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await putBytes(s3, `${prefix}/${next[0]}`, next[1]).catch((error) => {
          // Nobody needs to write on.
          waiting.length = 0;
          throw error;
        });
      }
    };
    const writers = await Promise.allSettled(Array.from({ length: WRITTEN_AT_ONCE }, write));
    const failed = writers.find((writer) => writer.status === 'rejected');
    if (failed) throw failed.reason;
    const extra = old.filter((key) => !files.has(key.slice(prefix.length + 1)));
    await removeAll(s3, prefix, extra);
    await putBytes(s3, `${prefix}/${MANIFEST}`, manifest);
  } catch (error) {
    // What stays when the store is away is no folder, and the next run of the job writes over it.
    await listBelow(s3, prefix)
      .then((left) =>
        removeAll(
          s3,
          prefix,
          left.map(({ key }) => key),
        ),
      )
      .catch(() => {});
    throw error;
  }
}

/** Ordered by key, as the store lists them. */
async function listBelow(s3: S3Connection, folder: string): Promise<{ key: string; bytes: number }[]> {
  const found: { key: string; bytes: number }[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.asking('read', folder, () =>
      s3.client.send(
        new ListObjectsV2Command({
          Bucket: s3.bucket,
          Prefix: s3.locate(`${folder}/`),
          MaxKeys: s3.atOnce,
          ...(ContinuationToken && { ContinuationToken }),
        }),
      ),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      // Consoles make empty objects that stand for folders.
      if (!Key.endsWith('/')) found.push({ key: Key.slice(s3.prefix.length), bytes: Size });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return found;
}

/** Removes objects in batches; a folder's manifest.json before all others, so that what is left of it is no folder. */
async function removeAll(s3: S3Connection, key: string, keys: readonly string[]): Promise<void> {
  const isManifest = (each: string) => each === `${key}/${MANIFEST}`;
  const rest = keys.filter((each) => !isManifest(each));
  const batches = [keys.filter(isManifest)];
  for (let at = 0; at < rest.length; at += s3.atOnce) batches.push(rest.slice(at, at + s3.atOnce));
  for (const batch of batches) {
    if (batch.length === 0) continue;
    const Objects = batch.map((each) => ({ Key: s3.locate(each) }));
    await s3.asking('removed', key, async () => {
      const answer = await s3.client.send(
        new DeleteObjectsCommand({ Bucket: s3.bucket, Delete: { Objects, Quiet: true } }),
      );
      const failed = answer.Errors?.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed) throw Object.assign(new Error(), { name: failed.Code ?? 'InternalError' });
    });
  }
}
