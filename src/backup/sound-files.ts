import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError, messageOf, problem } from '../core/errors.ts';
import type { ReadPart } from '../store/backup/contract.ts';

interface Artifacts {
  list(prefix: string): Promise<{ key: string; bytes: number }[]>;
  open(key: string): Promise<Readable>;
}

type Listed = Record<string, { bytes: number; sha256: string }>;

const MANIFEST = 'manifest.json';
const STATE = 'state.safetensors';

export interface CheckedVersion {
  model: string;
  version: number;
  /** The sentence about the first file that is not what was written; null where all are. */
  damage: string | null;
}

/** Reads every file of every version that is not deleted, and hashes it. */
export async function* checkedVersions(rows: ReadPart, artifacts: Artifacts): AsyncGenerator<CheckedVersion> {
  for await (const page of rows('versions')) {
    for (const { model, version, artifact, deleted_at } of page) {
      if (deleted_at) continue;
      const damage = await damageOf(String(artifact), artifacts);
      yield { model: String(model), version: Number(version), damage };
    }
  }
}

/**
 * Checks that the files of all stored versions are those that their manifests list. A backup names the hashes of what it
 * finds: without this a damaged version would come back as a sound one.
 * @throws problem('conflict') that names the version and the file, before anything is sent
 */
export async function checkVersions(rows: ReadPart, artifacts: Artifacts): Promise<void> {
  for await (const { model, version, damage } of checkedVersions(rows, artifacts)) {
    if (damage !== null)
      throw problem(
        'conflict',
        `Version ${version} of ${model} is damaged: ${damage}; models=false leaves the models out`,
      );
  }
}

/** The sentence about the first file that is not what was written; null where all are. */
async function damageOf(key: string, artifacts: Artifacts): Promise<string | null> {
  const found = new Set((await artifacts.list(key)).map((file) => file.key.slice(key.length + 1)));
  if (!found.has(MANIFEST)) return `${MANIFEST} is missing`;
  for (const manifest of [...found].filter((name) => name === MANIFEST || name.endsWith(`/${MANIFEST}`))) {
    const folder = manifest.slice(0, -MANIFEST.length);
    let files: Listed;
    try {
      files = filesIn(await textOf(artifacts, `${key}/${manifest}`));
    } catch (error) {
      if (error instanceof AppError) throw error;
      return `${manifest} is not JSON: ${messageOf(error)}`;
    }
    for (const [file, expected] of Object.entries(files)) {
      const name = `${folder}${file}`;
      if (!found.has(name)) return `${name} is missing`;
      const is = await fingerprintOf(artifacts, `${key}/${name}`);
      if (is.bytes !== expected.bytes) return `${name} has ${is.bytes} bytes instead of ${expected.bytes}`;
      if (is.sha256 !== expected.sha256) return `${name} is damaged: its sha256 is not the manifest's`;
    }
  }
  return null;
}

/** A version lists its files by name; a teacher in it has the size and hash of its one file. */
function filesIn(text: string): Listed {
  const manifest = JSON.parse(text) as { files?: Listed } & Partial<Listed[string]>;
  const { files = {}, bytes, sha256 } = manifest;
  return bytes === undefined || sha256 === undefined ? files : { ...files, [STATE]: { bytes, sha256 } };
}

async function textOf(artifacts: Artifacts, key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await artifacts.open(key)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Without the file in memory: weights may have gigabytes. */
async function fingerprintOf(artifacts: Artifacts, key: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of await artifacts.open(key)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
