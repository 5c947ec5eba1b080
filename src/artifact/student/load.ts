import { Compile } from 'typebox/compile';
import { WEIGHTS_FILE } from '../format/checked-tensors.ts';
import { checkItemIds } from '../format/item-ids.ts';
import { readSafetensors } from '../format/safetensors.ts';
import { fetchFile, invalidArtifact, invalidManifest, parseJson, readListed } from '../store/read-folder.ts';
import type { ArtifactStore } from '../store/store.ts';
import { kindOf, LABELS_KIND } from './label-manifest.ts';
import { FORMAT_VERSION, Manifest, ManifestV1, ManifestV2, ManifestV3, upgradeManifest } from './manifest.ts';
import { checkProbesFile, PROBES_FILE, type Probe } from './probes.ts';
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
const thirdValidator = Compile(ManifestV3);

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
  const required = [WEIGHTS_FILE, ITEMS_FILE, REPORT_FILE];
  const files = await readListed(artifacts, key, manifest.files, required);
  const probes = files.get(PROBES_FILE);
  const tensors = readSafetensors(files.get(WEIGHTS_FILE)!, WEIGHTS_FILE);
  return {
    manifest,
    weights: fromTensors(tensors, manifest),
    items: checkItemIds(parseJson(files.get(ITEMS_FILE)!, ITEMS_FILE), manifest.items, ITEMS_FILE),
    probes: probes ? checkProbesFile(parseJson(probes, PROBES_FILE)) : [],
  };
}

function parseManifest(bytes: Buffer): Manifest {
  const value = parseJson(bytes, MANIFEST_FILE);
  const version = (value as { formatVersion?: unknown } | null)?.formatVersion;
  // Before the schema, which would only say that the number is wrong.
  if (typeof version === 'number' && version > FORMAT_VERSION) {
    throw invalidArtifact(
      `the artifact has format ${version}, newer than ${FORMAT_VERSION}, the newest that this release reads; update it`,
    );
  }
  if (kindOf(value) === LABELS_KIND)
    throw invalidArtifact('the artifact predicts labels and recommends nothing');
  if (version === 1) {
    if (firstValidator.Check(value)) return upgradeManifest(value);
    throw invalidManifest(firstValidator.Errors(value));
  }
  if (version === 2) {
    if (secondValidator.Check(value)) return upgradeManifest(value);
    throw invalidManifest(secondValidator.Errors(value));
  }
  if (version === 3) {
    if (thirdValidator.Check(value)) return upgradeManifest(value);
    throw invalidManifest(thirdValidator.Errors(value));
  }
  if (validator.Check(value)) return value;
  throw invalidManifest(validator.Errors(value));
}
