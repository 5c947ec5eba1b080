import { problem } from '../../core/errors.ts';
import { type EncodingShape, type FeatureEncoding, vectorBuckets } from '../../features/encoding.ts';
import { expectTensor, finite, WEIGHTS_FILE } from '../format/checked-tensors.ts';
import type { Tensor } from '../format/safetensors.ts';
import { matrixTensors, readMatrix } from './item-matrix.ts';
import type { StudentShape } from './manifest.ts';
import type { FeatureWeights } from './student-weights.ts';

type Tensors = ReadonlyMap<string, Tensor>;

/**
 * The rows of features as tensors. They are int8 whatever the quantization of the items: there are few of them, and
 * rows of new items are made of them.
 */
export function featureTensors(
  { items, users, newUsers }: FeatureWeights,
  tied: boolean,
): [string, Tensor][] {
  return [
    ...(items
      ? [
          ...matrixTensors('F_out', items.itemsOut, 'int8'),
          ...(tied ? [] : matrixTensors('F_in', items.itemsIn, 'int8')),
          vector('F_c', items.itemBias),
          knownBuckets('F', items.encoding),
          ...(items.entry ? [vector('F_entry', items.entry)] : []),
          ...(items.leftOut ? [pairs('F_left', items.leftOut)] : []),
        ]
      : []),
    ...(users ? [...matrixTensors('U', users.usersIn, 'int8'), knownBuckets('U', users.encoding)] : []),
    ...(newUsers
      ? [
          ...matrixTensors('N', newUsers.users, 'int8'),
          knownBuckets('N', newUsers.encoding),
          vector('N_start', newUsers.start),
        ]
      : []),
  ];
}

function vector(name: string, data: Float32Array): [string, Tensor] {
  return [name, { dtype: 'F32', shape: [data.length], data }];
}

function pairs(name: string, data: Int32Array): [string, Tensor] {
  return [name, { dtype: 'I32', shape: [data.length / 2, 2], data }];
}

function readPairs(tensors: Tensors, name: string): Int32Array {
  return expectTensor(tensors, name, 'I32', [tensors.get(name)!.shape[0]!, 2]).data;
}

function knownBuckets(name: string, { known }: FeatureEncoding): [string, Tensor] {
  const data = Int32Array.from(known);
  return [`${name}.known`, { dtype: 'I32', shape: [data.length], data }];
}

export function featureShape({
  items,
  users,
  newUsers,
}: FeatureWeights): NonNullable<StudentShape['features']> {
  const shapeOf = ({ buckets, fields, known }: FeatureEncoding): EncodingShape => ({
    buckets,
    fields: [...fields],
    columns: known.length,
  });
  return {
    ...(items && { items: shapeOf(items.encoding) }),
    ...(users && {
      users: { ...shapeOf(users.encoding), ...(users.onlyWithHistory && { onlyWithHistory: true as const }) },
    }),
    ...(newUsers && { newUsers: shapeOf(newUsers.encoding) }),
  };
}

/** @throws problem('invalid-artifact') as fromTensors */
export function readFeatures(
  tensors: Tensors,
  { items, users, newUsers }: NonNullable<StudentShape['features']>,
  { d, h, tied }: { d: number; h: number; tied: boolean },
): FeatureWeights {
  const read: FeatureWeights = {};
  if (items) {
    const itemsOut = readMatrix(tensors, 'F_out', items.columns, d, 'int8');
    read.items = {
      encoding: readEncoding(tensors, 'F', items),
      itemsOut,
      itemsIn: tied ? itemsOut : readMatrix(tensors, 'F_in', items.columns, h, 'int8'),
      itemBias: finite(tensors, 'F_c', [items.columns]),
      ...(tensors.has('F_entry') && { entry: finite(tensors, 'F_entry', [d]) }),
      ...(tensors.has('F_left') && { leftOut: readPairs(tensors, 'F_left') }),
    };
  }
  if (users) {
    read.users = {
      encoding: readEncoding(tensors, 'U', users),
      usersIn: readMatrix(tensors, 'U', users.columns, h, 'int8'),
      ...(users.onlyWithHistory && { onlyWithHistory: true }),
    };
  }
  if (newUsers) {
    read.newUsers = {
      encoding: readEncoding(tensors, 'N', newUsers),
      start: finite(tensors, 'N_start', [d]),
      users: readMatrix(tensors, 'N', newUsers.columns, d, 'int8'),
    };
  }
  return read;
}

function readEncoding(tensors: Tensors, name: string, shape: EncodingShape): FeatureEncoding {
  const { buckets, fields, columns } = shape;
  const { data: known } = expectTensor(tensors, `${name}.known`, 'I32', [columns]);
  const ofVectors = vectorBuckets({ buckets, fields });
  const first = known.length - ofVectors.length;
  const wrong = known.findIndex(
    (bucket, i) =>
      bucket < 0 ||
      (i > 0 && bucket <= known[i - 1]!) ||
      (i < first ? bucket >= buckets : bucket !== ofVectors[i - first]),
  );
  if (wrong >= 0) {
    throw problem(
      'invalid-artifact',
      `${WEIGHTS_FILE}: ${name}.known holds ${known[wrong]} at ${wrong}; buckets ascend and are below ${buckets}, and after them come those of ${ofVectors.length} numbers of vectors`,
    );
  }
  return { buckets, fields, known: Array.from(known) };
}
