import type { Report } from '../../domain/reports/report.ts';
import { WEIGHTS_FILE } from '../format/checked-tensors.ts';
import { checkItemIds } from '../format/item-ids.ts';
import { writeSafetensors } from '../format/safetensors.ts';
import { fingerprint, jsonFile } from '../store/fingerprint.ts';
import { FORMAT_VERSION, type Manifest, type ManifestDraft } from './manifest.ts';
import { checkProbesFile, PROBES_FILE, type Probe } from './probes.ts';
import {
  fromTensors,
  ITEMS_FILE,
  MANIFEST_FILE,
  REPORT_FILE,
  shapeOf,
  toTensors,
} from './student-tensors.ts';
import type { StudentWeights } from './student-weights.ts';

export interface StudentPackage {
  weights: StudentWeights;
  /** Item ids in row order. */
  items: readonly string[];
  report: Report;
  /** Answers of this student, which whoever loads it compares with their own. */
  probes?: readonly Probe[];
  draft: ManifestDraft;
}

/** weights.safetensors of a student; its length is what a report calls the student's bytes. */
export function encodeStudentWeights(weights: StudentWeights): Buffer {
  return writeSafetensors(toTensors(weights));
}

/**
 * The files of an artifact by name, the manifest last. The same input gives the same bytes; the manifest's time is
 * the report's.
 * @throws problem('invalid-artifact') where loadStudent would refuse the result
 */
export function packStudent({ weights, items, report, probes, draft }: StudentPackage): Map<string, Buffer> {
  const shape = shapeOf(weights);
  const tensors = toTensors(weights);
  fromTensors(tensors, shape);
  checkItemIds(items, shape.items, ITEMS_FILE);

  const files = new Map<string, Buffer>([
    [WEIGHTS_FILE, writeSafetensors(tensors)],
    [ITEMS_FILE, jsonFile(items)],
    [REPORT_FILE, jsonFile(report)],
  ]);
  if (probes) files.set(PROBES_FILE, jsonFile(checkProbesFile(probes)));
  const manifest: Manifest = {
    formatVersion: FORMAT_VERSION,
    ...shape,
    ...draft,
    createdAt: report.createdAt,
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, fingerprint(bytes)])),
  };
  return files.set(MANIFEST_FILE, jsonFile(manifest));
}
