import { Compile } from 'typebox/compile';
import { AppError, messageOf, problem } from '../core/errors.ts';
import { WEIGHTS_FILE } from './checked-tensors.ts';
import { checkItemIds } from './item-ids.ts';
import { FORMAT_VERSION, Manifest, ManifestV1, ManifestV2, upgradeManifest } from './manifest.ts';
import { fingerprint } from './pack.ts';
import { checkProbesFile, PROBES_FILE, type Probe } from './probes.ts';
import { readSafetensors } from './safetensors.ts';
import type { ArtifactStore } from './store.ts';
import { fromTensors, ITEMS_FILE, MANIFEST_FILE, REPORT_FILE } from './student-tensors.ts';
import type { StudentWeights } from './student-weights.ts';

export interface LoadedStudent {
  manifest: Manifest;
  weights: StudentWeights;
  /** Item ids in row order. */
  items: string[];
  /** None in artifacts of older releases. */
  probes: readonly Probe[];
}

const validator = Compile(Manifest);
const firstValidator = Compile(ManifestV1);
const secondValidator = Compile(ManifestV2);

/**
 * Reads an artifact and believes nothing: every file's size and SHA-256, the shapes, that numbers are finite and
 * ids unique.
 * @param key the artifact's folder, for instance `models/movies/job_1`
 * @throws problem('invalid-artifact') with the reason; problem('store-unavailable') when it cannot be read now
 */
export async function loadStudent(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
): Promise<LoadedStudent> {
  const manifest = parseManifest(await fetchFile(artifacts, key, MANIFEST_FILE));
  for (const name of [WEIGHTS_FILE, ITEMS_FILE, REPORT_FILE]) {
    if (!Object.hasOwn(manifest.files, name)) throw invalid(`${MANIFEST_FILE} does not list ${name}`);
  }
  const files = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    const bytes = await fetchFile(artifacts, key, name);
    checkFile(name, bytes, expected);
    files.set(name, bytes);
  }
  const probes = files.get(PROBES_FILE);
  const tensors = readSafetensors(files.get(WEIGHTS_FILE)!, WEIGHTS_FILE);
  return {
    manifest,
    weights: fromTensors(tensors, manifest),
    items: checkItemIds(parseJson(files.get(ITEMS_FILE)!, ITEMS_FILE), manifest.items, ITEMS_FILE),
    probes: probes ? checkProbesFile(parseJson(probes, PROBES_FILE)) : [],
  };
}

async function fetchFile(artifacts: Pick<ArtifactStore, 'get'>, key: string, name: string): Promise<Buffer> {
  try {
    return await artifacts.get(`${key}/${name}`);
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') {
      throw problem('invalid-artifact', `${name} is missing`, {}, error);
    }
    throw error;
  }
}

function parseManifest(bytes: Buffer): Manifest {
  const value = parseJson(bytes, MANIFEST_FILE);
  const version = (value as { formatVersion?: unknown } | null)?.formatVersion;
  // Before the schema, which would only say that the number is wrong.
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    throw invalid(
      `the artifact has format ${version}, newer than ${FORMAT_VERSION}, the newest that this release reads; update it`,
    );
  }
  if (version === 1) {
    if (firstValidator.Check(value)) return upgradeManifest(value);
    throw invalidManifest(firstValidator.Errors(value));
  }
  if (version === 2) {
    if (secondValidator.Check(value)) return upgradeManifest(value);
    throw invalidManifest(secondValidator.Errors(value));
  }
  if (validator.Check(value)) return value;
  throw invalidManifest(validator.Errors(value));
}

function invalidManifest(errors: readonly { instancePath: string; message: string }[]): AppError {
  const reasons = errors.map((e) => `${e.instancePath || 'it'} ${e.message}`);
  return invalid(`${MANIFEST_FILE} is not valid: ${reasons.join('; ')}`);
}

function checkFile(name: string, bytes: Buffer, expected: { bytes: number; sha256: string }): void {
  const found = fingerprint(bytes);
  if (found.bytes < expected.bytes) {
    throw invalid(`${name} is truncated: ${found.bytes} of ${expected.bytes} bytes`);
  }
  if (found.bytes !== expected.bytes) {
    throw invalid(`${name} has ${found.bytes} bytes instead of ${expected.bytes}`);
  }
  if (found.sha256 !== expected.sha256) {
    throw invalid(`${name} is damaged: its sha256 is not the manifest's`);
  }
}

function parseJson(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(`${name} is not JSON: ${messageOf(error)}`);
  }
}

function invalid(reason: string): AppError {
  return problem('invalid-artifact', reason);
}
