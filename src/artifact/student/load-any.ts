import { fetchFile, parseJson } from '../store/read-folder.ts';
import type { ArtifactStore } from '../store/store.ts';
import { kindOf, LABELS_KIND } from './label-manifest.ts';
import { loadLabelStudent } from './label-student.ts';
import { loadStudent } from './load.ts';
import { MANIFEST_FILE } from './student-tensors.ts';

/**
 * True for an artifact that predicts labels, by its manifest alone.
 * @throws problem('invalid-artifact') without a readable one
 */
export async function holdsLabels(artifacts: Pick<ArtifactStore, 'get'>, key: string): Promise<boolean> {
  return kindOf(parseJson(await fetchFile(artifacts, key, MANIFEST_FILE), MANIFEST_FILE)) === LABELS_KIND;
}

/** A student of either kind, checked. */
export async function loadAny(artifacts: Pick<ArtifactStore, 'get'>, key: string) {
  return (await holdsLabels(artifacts, key)) ? loadLabelStudent(artifacts, key) : loadStudent(artifacts, key);
}
