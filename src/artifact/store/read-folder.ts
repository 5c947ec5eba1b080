import { createHash } from 'node:crypto';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import { fingerprint } from './fingerprint.ts';
import type { ArtifactStore } from './store.ts';

/** Size and hash of a file, as a manifest lists it. */
export interface ListedFile {
  bytes: number;
  sha256: string;
}
type Files = Record<string, ListedFile>;

/**
 * All files of an artifact that its manifest lists.
 * @throws problem('invalid-artifact') for one that is missing, or another than was written
 */
export async function readListed(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  files: Files,
  required: readonly string[],
): Promise<Map<string, Buffer>> {
  for (const name of required) {
    if (!Object.hasOwn(files, name)) throw invalidArtifact(`manifest.json does not list ${name}`);
  }
  const found = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(files)) {
    const bytes = await fetchFile(artifacts, key, name);
    checkFile(name, bytes, expected);
    found.set(name, bytes);
  }
  return found;
}

/** One file that a manifest lists, only if it is what was written. @throws problem('invalid-artifact') otherwise */
export async function readOneListed(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  files: Files,
  name: string,
): Promise<Buffer> {
  const bytes = await fetchFile(artifacts, key, name);
  checkFile(name, bytes, files[name]!);
  return bytes;
}

export async function fetchFile(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
  name: string,
): Promise<Buffer> {
  return artifacts.get(`${key}/${name}`).catch((error) => missing(error, name));
}

/** Size and hash of a stored file, read as a stream. @throws problem('invalid-artifact') for one that is missing */
export async function hashStored(
  artifacts: Pick<ArtifactStore, 'open'>,
  key: string,
  name: string,
): Promise<ListedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of await artifacts.open(key).catch((error) => missing(error, name))) {
    hash.update(chunk);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function missing(error: unknown, name: string): never {
  if (error instanceof AppError && error.code === 'not-found') {
    throw problem('invalid-artifact', `${name} is missing`, {}, error);
  }
  throw error;
}

function checkFile(name: string, bytes: Buffer, expected: ListedFile): void {
  refuseOther(name, fingerprint(bytes), expected);
}

/** @throws problem('invalid-artifact') for another file than was written */
export function refuseOther(name: string, found: ListedFile, expected: ListedFile): void {
  if (found.bytes < expected.bytes) {
    throw invalidArtifact(`${name} is truncated: ${found.bytes} of ${expected.bytes} bytes`);
  }
  if (found.bytes !== expected.bytes) {
    throw invalidArtifact(`${name} has ${found.bytes} bytes instead of ${expected.bytes}`);
  }
  if (found.sha256 !== expected.sha256) {
    throw invalidArtifact(`${name} is damaged: its sha256 is not the manifest's`);
  }
}

export function parseJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalidArtifact(`${name} is not JSON: ${messageOf(error)}`);
  }
}

export function invalidManifest(errors: readonly { instancePath: string; message: string }[]): AppError {
  const reasons = errors.map((e) => `${e.instancePath || 'it'} ${e.message}`);
  return invalidArtifact(`manifest.json is not valid: ${reasons.join('; ')}`);
}

export function invalidArtifact(reason: string): AppError {
  return problem('invalid-artifact', reason);
}
