import { Compile } from 'typebox/compile';
import { problem } from '../../core/errors.ts';
import type { Report } from '../../domain/reports/report.ts';
import { FeatureEncoding } from '../../features/encoding.ts';
import { finite, WEIGHTS_FILE } from '../format/checked-tensors.ts';
import { checkItemIds } from '../format/item-ids.ts';
import { readSafetensors, type Tensor, writeSafetensors } from '../format/safetensors.ts';
import { fingerprint, jsonFile } from '../store/fingerprint.ts';
import { fetchFile, invalidManifest, parseJson, readListed } from '../store/read-folder.ts';
import type { ArtifactStore } from '../store/store.ts';
import { matrixTensors, readMatrix } from './item-matrix.ts';
import { LABELS_FORMAT, LABELS_KIND, LabelManifest, type LabelManifestDraft } from './label-manifest.ts';
import { ITEMS_FILE, MANIFEST_FILE, REPORT_FILE } from './student-tensors.ts';
import type { QuantizedRows } from './student-weights.ts';

const LABELS_FILE = 'labels.json';
const FEATURES_FILE = 'features.json';

/** A student that predicts labels, as it is stored and served; see LabelManifest for the shapes. */
export interface LabelStudent {
  of: LabelManifest['of'];
  from: string;
  /** Ids in the order of E_in's first rows. */
  items: readonly string[];
  labels: readonly string[];
  into: QuantizedRows;
  bias: Float32Array;
  out: QuantizedRows;
  labelBias: Float32Array;
  /** Part of each item's behaviour in x E_in; null where the labels belong to users. */
  known: QuantizedRows | null;
  takers: Float32Array;
  /** Null for a student that reads behaviour alone. */
  encoding: FeatureEncoding | null;
  calibration: LabelManifest['calibration'];
  thresholds: Float32Array;
  shares: Float32Array;
}

const manifestValidator = Compile(LabelManifest);
const encodingValidator = Compile(FeatureEncoding);

type Shape = Pick<LabelManifest, 'of' | 'items' | 'features' | 'labels' | 'dimensions'>;

function shapeOf({ of, items, labels, into, out }: LabelStudent): Shape {
  return {
    of,
    items: items.length,
    features: into.rows - items.length,
    labels: labels.length,
    dimensions: out.width,
  };
}

/** weights.safetensors; its length is what a report calls the student's bytes. */
export function encodeLabelWeights(student: LabelStudent): Buffer {
  return writeSafetensors(toTensors(student));
}

function toTensors(student: LabelStudent): Map<string, Tensor> {
  const { into, bias, out, labelBias, known, takers, thresholds, shares } = student;
  const vectors = { b: bias, c: labelBias, takers, threshold: thresholds, share: shares };
  return new Map<string, Tensor>([
    ...matrixTensors('E_in', into, 'int8'),
    ...matrixTensors('E_out', out, 'int8'),
    ...(known ? matrixTensors('known', known, 'int8') : []),
    ...Object.entries(vectors).map(([name, data]): [string, Tensor] => [
      name,
      { dtype: 'F32', shape: [data.length], data },
    ]),
  ]);
}

function fromTensors(
  tensors: ReadonlyMap<string, Tensor>,
  { of, items, features, labels, dimensions: d }: Shape,
) {
  return {
    into: readMatrix(tensors, 'E_in', items + features, d, 'int8'),
    bias: finite(tensors, 'b', [d]),
    out: readMatrix(tensors, 'E_out', labels, d, 'int8'),
    labelBias: finite(tensors, 'c', [labels]),
    known: of === 'items' ? readMatrix(tensors, 'known', items, d, 'int8') : null,
    takers: finite(tensors, 'takers', [items]),
    thresholds: finite(tensors, 'threshold', [labels]),
    shares: finite(tensors, 'share', [labels]),
  };
}

/**
 * The files of an artifact by name, the manifest last.
 * @throws problem('invalid-artifact') where loadLabelStudent would refuse the result
 */
export function packLabelStudent(
  student: LabelStudent,
  report: Report,
  draft: LabelManifestDraft,
): Map<string, Buffer> {
  const shape = shapeOf(student);
  fromTensors(toTensors(student), shape);
  checkItemIds(student.items, shape.items, ITEMS_FILE);
  checkLabels(student.labels, shape.labels);
  checkEncoding(student.encoding, shape.features);
  const files = new Map<string, Buffer>([
    [WEIGHTS_FILE, encodeLabelWeights(student)],
    [ITEMS_FILE, jsonFile(student.items)],
    [LABELS_FILE, jsonFile(student.labels)],
    [FEATURES_FILE, jsonFile(student.encoding)],
    [REPORT_FILE, jsonFile(report)],
  ]);
  const manifest: LabelManifest = {
    formatVersion: LABELS_FORMAT,
    kind: LABELS_KIND,
    ...draft,
    ...shape,
    from: student.from,
    calibration: student.calibration,
    createdAt: report.createdAt,
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, fingerprint(bytes)])),
  };
  if (!manifestValidator.Check(manifest)) throw invalidManifest(manifestValidator.Errors(manifest));
  return files.set(MANIFEST_FILE, jsonFile(manifest));
}

/**
 * Reads an artifact and believes nothing: every file's size and SHA-256, shapes, that numbers are finite, ids and labels unique.
 * @throws problem('invalid-artifact') with the reason; problem('store-unavailable') when it cannot be read now
 */
export async function loadLabelStudent(
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
): Promise<{ manifest: LabelManifest; student: LabelStudent }> {
  const manifest = parseJson(await fetchFile(artifacts, key, MANIFEST_FILE), MANIFEST_FILE);
  if (!manifestValidator.Check(manifest)) throw invalidManifest(manifestValidator.Errors(manifest));
  const required = [WEIGHTS_FILE, ITEMS_FILE, LABELS_FILE, FEATURES_FILE, REPORT_FILE];
  const files = await readListed(artifacts, key, manifest.files, required);
  const json = (name: string) => parseJson(files.get(name)!, name);
  const { of, from, calibration } = manifest;
  return {
    manifest,
    student: {
      of,
      from,
      calibration,
      items: checkItemIds(json(ITEMS_FILE), manifest.items, ITEMS_FILE),
      labels: checkLabels(json(LABELS_FILE), manifest.labels),
      encoding: checkEncoding(json(FEATURES_FILE), manifest.features),
      ...fromTensors(readSafetensors(files.get(WEIGHTS_FILE)!, WEIGHTS_FILE), manifest),
    },
  };
}

function checkLabels(value: unknown, count: number): readonly string[] {
  const isList = Array.isArray(value) && value.every((label) => typeof label === 'string' && label !== '');
  if (isList && value.length === count && new Set(value).size === count) return value as string[];
  throw problem('invalid-artifact', `${LABELS_FILE} is not a list of ${count} different labels`);
}

function checkEncoding(value: unknown, columns: number): FeatureEncoding | null {
  if (value === null && columns === 0) return null;
  if (encodingValidator.Check(value) && value.known.length === columns) return value;
  throw problem('invalid-artifact', `${FEATURES_FILE} does not say how features become ${columns} columns`);
}
