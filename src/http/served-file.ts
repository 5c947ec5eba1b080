import { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { fingerprint } from '../artifact/store/fingerprint.ts';
import {
  fetchFile,
  hashStored,
  type ListedFile,
  parseJson,
  readOneListed,
  refuseOther,
} from '../artifact/store/read-folder.ts';
import { AppError, problem } from '../core/errors.ts';
import type { RegisteredVersion } from '../domain/answers/model.ts';
import type { Blobs } from './deps.ts';

const MANIFEST = 'manifest.json';
const MOST_KNOWN = 10_000;

type Version = Pick<RegisteredVersion, 'model' | 'version' | 'artifact'>;
type Manifest = { files?: Record<string, ListedFile> };

/** A stored file that is what was written. */
export interface StoredFile extends ListedFile {
  /** A stream of the bytes from the first to the last of the range, both included. @throws as `openFiles` says */
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/**
 * Files of versions as streams. A file is hashed when it is first opened, by all who wait for it together, and again
 * when it has changed on disk; its bytes are never held in memory.
 * @returns of one file size and hash, which are the manifest's: to tell them costs no look at the file
 * @throws problem('conflict') for a damaged one, problem('not-found') that names the files that there are
 */
export function openFiles(
  artifacts: Pick<Blobs, 'get' | 'open' | 'stat'>,
): (version: Version, file: string) => Promise<StoredFile> {
  const sound = new LRUCache<string, Promise<void>>({ max: MOST_KNOWN });

  async function requireSound(key: string, file: string, listed: ListedFile): Promise<void> {
    const { bytes = -1, changedAt = 0 } = (await artifacts.stat(key)) ?? {};
    const known = `${listed.sha256} ${bytes} ${changedAt} ${key}`;
    let checking = sound.get(known);
    if (!checking) {
      checking = hashStored(artifacts, key, file).then((found) => refuseOther(file, found, listed));
      sound.set(known, checking);
      // A disk that could not be read may be back.
      checking.catch(() => sound.delete(known));
    }
    await checking;
  }

  return (version, file) =>
    explained(version, async () => {
      const { manifest, files } = await readManifest(artifacts, version);
      if (file === MANIFEST) {
        const open = async (range?: { start: number; end: number }) =>
          Readable.from([range ? manifest.subarray(range.start, range.end + 1) : manifest]);
        return { ...fingerprint(manifest), open };
      }
      const listed = listedOf(files, file, version);
      const key = `${version.artifact}/${file}`;
      return {
        ...listed,
        open: (range) =>
          explained(version, async () => {
            await requireSound(key, file, listed);
            return artifacts.open(key, range);
          }),
      };
    });
}

/** A small file as a whole. @throws as `openFiles` says */
export async function fileOfVersion(
  artifacts: Pick<Blobs, 'get'>,
  version: Version,
  file: string,
): Promise<Buffer> {
  return explained(version, async () => {
    const { manifest, files } = await readManifest(artifacts, version);
    if (file === MANIFEST) return manifest;
    listedOf(files, file, version);
    return readOneListed(artifacts, version.artifact, files, file);
  });
}

async function readManifest(artifacts: Pick<Blobs, 'get'>, { artifact }: Version) {
  const manifest = await fetchFile(artifacts, artifact, MANIFEST);
  const { files = {} } = parseJson(manifest, MANIFEST) as Manifest;
  return { manifest, files };
}

function listedOf(files: Record<string, ListedFile>, file: string, { version }: Version): ListedFile {
  if (Object.hasOwn(files, file)) return files[file]!;
  throw problem(
    'not-found',
    `Version ${version} has no file ${JSON.stringify(file)}; it has ${[MANIFEST, ...Object.keys(files)].join(', ')}.`,
  );
}

async function explained<T>({ version, model }: Version, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid-artifact') throw error;
    throw problem('conflict', `Version ${version} of ${model} is damaged: ${error.detail}.`, {}, error);
  }
}
