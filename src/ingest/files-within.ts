import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { isPathWithin } from '../core/allowed-source.ts';
import { AppError, problem } from '../core/errors.ts';
import { filePattern, isData } from './file-pattern.ts';

export interface FileWithin {
  /** As it was asked for. */
  name: string;
  bytes: number;
  /** Absolute, without links. */
  path: string;
  open(): Promise<Readable>;
}

const MAX_FILES = 10_000;

/**
 * A file, the files of a folder, or those that a pattern in the last part of the path names, in the order of their names.
 * @throws problem('source-not-allowed') for what is not within the folder, problem('invalid-job') where there is no such file
 */
export async function filesWithin(
  folder: string | undefined,
  name: string,
  files = '*',
): Promise<FileWithin[]> {
  if (folder === undefined)
    throw problem(
      'source-not-allowed',
      'IMPORT_DIR is not set for this worker, so that it can read no file; set it for workers and the api',
    );
  const last = path.basename(name);
  if (!/[*?]/.test(last)) {
    const one = await fileWithin(folder, name);
    return one.isFolder ? listed(folder, name, files) : [one];
  }
  return listed(folder, path.dirname(name), last);
}

async function listed(folder: string, name: string, pattern: string): Promise<FileWithin[]> {
  const { path: within } = await fileWithin(folder, name);
  const matches = filePattern(pattern);
  const names = (await readdir(within, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && matches(entry.name) && isData(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (names.length === 0) throw problem('invalid-job', `No file in ${name} matches ${pattern}`);
  if (names.length > MAX_FILES) {
    throw problem(
      'invalid-job',
      `${names.length} files in ${name} match; at most ${MAX_FILES} are read by one import`,
    );
  }
  return Promise.all(names.map((each) => fileWithin(folder, path.join(name, each))));
}

const notWithin = (name: string) => problem('source-not-allowed', `${name} is not within IMPORT_DIR`);

/** Links are followed first, and what they lead to has to be within the folder. */
async function fileWithin(folder: string, name: string) {
  try {
    const root = await realpath(folder);
    // Before the disk is asked: an answer would tell which files there are elsewhere.
    if (!isPathWithin(root, name) && !isPathWithin(folder, name)) throw notWithin(name);
    const file = await realpath(path.resolve(root, name));
    if (file !== root && !file.startsWith(root + path.sep)) {
      throw notWithin(name);
    }
    const { size, ...info } = await stat(file);
    return {
      name,
      bytes: size,
      path: file,
      isFolder: (info.mode & 0o170000) === 0o040000,
      open: async () => createReadStream(file),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw problem('invalid-job', `${name} cannot be read in IMPORT_DIR`, {}, error);
  }
}
