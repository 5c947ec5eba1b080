import type { LabelStudent } from '../../../artifact/student/label-student.ts';
import { dequantizeRows, quantizeRows } from '../../../artifact/student/quantize.ts';
import { behaviourBags } from '../../../dataset/companions.ts';
import type { LabelledData } from '../../../dataset/labels.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { type Bags, encodeAll, type FeatureEncoding } from '../../../features/encoding.ts';
import { fitEncoding } from '../../../features/fit.ts';
import { fieldsOf } from '../../../features/values.ts';
import type { LabelInput } from '../../../scoring/label-scorer.ts';
import type { LabelLayers } from './network.ts';
import type { LabelSettings } from './plan.ts';

/** Tokens are hashed into so many. */
const BUCKETS = 1 << 20;

/** Entities as the networks read them: by the interactions that they take part in, and by their features. */
export interface LabelInputs {
  /** [entities, items + feature columns] */
  rows: Csr;
  features: Bags | null;
  encoding: FeatureEncoding | null;
}

/**
 * Puts behaviour and features of each entity beside each other.
 * @param shown entities off which the encoding is read
 * @param how.given the encoding of the version that teaches, whose columns its teacher knows; null where it reads behaviour alone
 * @param how.warn told of fields that are read in another way than they were sent
 * @throws problem('invalid-job') for features that there are not
 */
export function labelInputs(
  data: LabelledData,
  { of, from, features: wanted }: LabelSettings['labels'],
  shown: Int32Array,
  { given, warn }: { given?: FeatureEncoding | null | undefined; warn?: (message: string) => void } = {},
): LabelInputs {
  const behaviour = behaviourBags(data.behaviour, data.takers);
  const encoding =
    given === undefined ? readEncoding(data, { of, from, features: wanted }, shown, warn) : given;
  if (!encoding) return { rows: behaviour, features: null, encoding };
  const features = encodeAll(encoding, data.described);
  return { rows: besideEachOther(behaviour, features), features, encoding };
}

function readEncoding(
  data: LabelledData,
  { of, from, features: wanted }: Pick<LabelSettings['labels'], 'of' | 'from' | 'features'>,
  shown: Int32Array,
  warn: ((message: string) => void) | undefined,
): FeatureEncoding | null {
  const described = Array.from(shown, (row) => data.described[row]!).filter((entity) => entity !== null);
  const fields = wanted ?? [...new Set(described.flatMap(fieldsOf))].filter((field) => field !== from);
  if (fields.length === 0) return null;
  return fitEncoding(described, {
    option: 'labels.features',
    noun: of === 'items' ? 'item' : 'user',
    fields,
    buckets: BUCKETS,
    warn,
  });
}

/** The input with which the served student is asked about an entity of the data. */
export function askedOf(
  data: LabelledData,
  of: LabelStudent['of'],
  { features }: LabelInputs,
  row: number,
): LabelInput {
  const { behaviour } = data;
  const [from, to] = [behaviour.indptr[row]!, behaviour.indptr[row + 1]!];
  const bag = features && {
    columns: features.indices.subarray(features.indptr[row]!, features.indptr[row + 1]!),
    values: features.values.subarray(features.indptr[row]!, features.indptr[row + 1]!),
  };
  return {
    ...(of === 'items'
      ? { row: row < data.items.length ? row : undefined }
      : {
          behaviour: {
            rows: behaviour.indices.subarray(from, to),
            weights: behaviour.values.subarray(from, to),
          },
        }),
    ...(bag && { features: bag }),
  };
}

export interface Decisions extends Pick<LabelStudent, 'calibration' | 'thresholds' | 'shares'> {}

/** The network as it is stored and served. */
export function servedStudent(
  { into, bias, out, labelBias }: LabelLayers,
  data: LabelledData,
  { of, from }: LabelSettings['labels'],
  { encoding }: LabelInputs,
  decisions: Decisions,
): LabelStudent {
  const { items, labels, takers } = data;
  return {
    of,
    from,
    items,
    labels,
    into,
    bias,
    out,
    labelBias,
    known:
      of === 'items' ? behaviourVectors(into, behaviourBags(data.behaviour, takers), items.length) : null,
    takers,
    encoding,
    ...decisions,
  };
}

/** [items, d] what each item's behaviour comes to, from the rounded rows. */
function behaviourVectors(into: LabelLayers['into'], bags: Csr, items: number): LabelLayers['into'] {
  const d = into.width;
  const rows = dequantizeRows(into);
  const vectors = new Float32Array(items * d);
  for (let r = 0; r < items; r++) {
    for (let p = bags.indptr[r]!; p < bags.indptr[r + 1]!; p++) {
      const from = bags.indices[p]! * d;
      for (let k = 0; k < d; k++) vectors[r * d + k]! += bags.values[p]! * rows[from + k]!;
    }
  }
  return quantizeRows(vectors, items, d, 'int8');
}

/** [a | b] */
function besideEachOther(a: Csr, b: Bags): Csr {
  const indptr = new Int32Array(a.rows + 1);
  const indices = new Int32Array(a.indices.length + b.indices.length);
  const values = new Float32Array(indices.length);
  let n = 0;
  for (let r = 0; r < a.rows; r++) {
    for (const [m, shift] of [
      [a, 0],
      [b, a.columns],
    ] as const) {
      for (let p = m.indptr[r]!; p < m.indptr[r + 1]!; p++) {
        indices[n] = m.indices[p]! + shift;
        values[n++] = m.values[p]!;
      }
    }
    indptr[r + 1] = n;
  }
  return { rows: a.rows, columns: a.columns + b.columns, indptr, indices, values };
}
