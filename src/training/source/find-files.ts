import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ArtifactSettings, createArtifactStore } from '../../artifact/store/create-store.ts';
import type { ArtifactStore } from '../../artifact/store/store.ts';
import { isAllowedBucketUrl } from '../../core/allowed-source.ts';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import { filePattern, isData } from '../../ingest/file-pattern.ts';
import { filesWithin } from '../../ingest/files-within.ts';

export interface SourcePlaces extends Omit<ArtifactSettings, 'artifactsUrl' | 'artifactsCacheMib'> {
  importDir?: string | undefined;
  importUrls: readonly string[];
  /** Copies of what lies in a bucket go there. */
  folder: string;
}

export interface FoundFile {
  /** As its sender knows it: within IMPORT_DIR, or the address in the bucket. */
  name: string;
  /** Absolute, on this machine. */
  path: string;
}

/** Files of a folder that are read; others, such as `_SUCCESS`, may lie beside them. */
const IN_FOLDERS = '*.parquet';

/**
 * The files that `dataset.source.parquet` means, in the order of their names. Objects of a bucket are copied
 * first: DuckDB's own reader of S3 is an extension that it would have to fetch from elsewhere.
 * @throws problem('source-not-allowed') for what the settings do not allow, problem('invalid-job') where there is no such file
 */
export async function findParquet(
  parquet: string,
  places: SourcePlaces,
  signal: AbortSignal,
): Promise<FoundFile[]> {
  if (parquet.startsWith('s3://')) return copyObjects(parquet, places, signal);
  if (/^[a-z]+:\/\//.test(parquet))
    throw problem(
      'invalid-job',
      `dataset.source.parquet must be a path within IMPORT_DIR or an address s3://...; got ${parquet}`,
    );
  return filesWithin(places.importDir, parquet, IN_FOLDERS);
}

async function copyObjects(url: string, places: SourcePlaces, signal: AbortSignal): Promise<FoundFile[]> {
  if (!isAllowedBucketUrl(url, places.importUrls))
    throw problem('source-not-allowed', `${url} is not below an address s3://... of IMPORT_URLS`);
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  const cache = { artifactsCacheMib: 0 };
  const store = createArtifactStore({ ...places, ...cache, artifactsUrl: `s3://${bucket}` });
  const keys = await keysOf(store, key, url);
  await mkdir(places.folder, { recursive: true });
  const files: FoundFile[] = [];
  for (const [i, each] of keys.entries()) {
    const file = path.join(places.folder, `${String(i).padStart(5, '0')}.parquet`);
    const body = await reading(url, () => store.open(each));
    await pipeline(body, createWriteStream(file), { signal });
    files.push({ name: `s3://${bucket}/${each}`, path: file });
  }
  return files;
}

/** One object, all of a folder, or those that the last part of the key names by a pattern. */
async function keysOf(store: ArtifactStore, key: string, url: string): Promise<string[]> {
  const name = key.replace(/\/$/, '');
  const last = path.posix.basename(name);
  const isPattern = /[*?]/.test(last);
  if (!isPattern && (await reading(url, () => store.stat(name))) !== null) return [name];
  const folder = isPattern ? path.posix.dirname(name) : name;
  if (folder === '.' || folder === '')
    throw problem('invalid-job', `${url} must name a folder of the bucket, as in s3://lake/events/*.parquet`);
  const matches = filePattern(isPattern ? last : IN_FOLDERS);
  const found = (await reading(url, () => store.list(folder))).map((blob) => blob.key);
  const names = found.filter(
    (each) => isWithin(each, folder) && isData(each) && matches(path.posix.basename(each)),
  );
  if (names.length === 0)
    throw problem(
      'invalid-job',
      `No file of ${url} is there${isPattern ? '' : `; of a folder ${IN_FOLDERS} are read`}`,
    );
  return names;
}

const isWithin = (key: string, folder: string) => path.posix.dirname(key) === folder;

async function reading<T>(url: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found')
      throw problem('invalid-job', `${url} is not there`, {}, error);
    if (error instanceof AppError && error.status < 500) throw error;
    throw problem('source-unavailable', `${url} cannot be read (${messageOf(error)})`, {}, error);
  }
}
