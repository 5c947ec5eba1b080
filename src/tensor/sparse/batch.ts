import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { checkRows, type SparseRows, sumRows, transposeRows } from './rows.ts';

/** A batch of sparse rows on the device. Dispose it after the step. */
export interface SparseBatch {
  readonly kind: 'sparse';
  readonly rows: number;
  readonly columns: number;
  readonly source: SparseRows;
  readonly isDisposed: boolean;
  /** Device tensors, made at first use and kept until `dispose`. */
  parts(): SparseParts;
  /** Entries in the order of the transposed matrix, native only; made at first use. */
  transposed(): SparseParts;
  /** Sum of each row's values, computed once; [rows]. */
  rowSums(): Float32Array;
  dispose(): void;
}

export interface SparseParts {
  /** int64 [nnz, 2] on native, int32 elsewhere: row and column of every value. */
  readonly positions: Tensor;
  /** float32 [nnz] */
  readonly values: Tensor;
  /** int64 [2]; native only. */
  readonly shape?: Tensor;
}

/**
 * Checks a batch of CSR rows and readies it for the device. Rows may be empty.
 *
 * @throws invalid-training-input: no rows, broken indptr, an id outside [0, columns), a value that is NaN or infinite
 */
export function sparseRows(context: Context, source: SparseRows): SparseBatch {
  checkRows(source);
  const rows = source.indptr.length - 1;
  let parts: SparseParts | undefined;
  let flipped: SparseParts | undefined;
  let sums: Float32Array | undefined;
  let isDisposed = false;
  return {
    kind: 'sparse',
    rows,
    columns: source.columns,
    source,
    get isDisposed() {
      return isDisposed;
    },
    parts() {
      if (isDisposed) throw problem('internal', 'a sparse batch was used after dispose()');
      parts ??= upload(context, source);
      return parts;
    },
    transposed() {
      if (isDisposed) throw problem('internal', 'a sparse batch was used after dispose()');
      flipped ??= upload(context, transposeRows(source));
      return flipped;
    },
    rowSums() {
      sums ??= sumRows(source);
      return sums;
    },
    dispose() {
      isDisposed = true;
      for (const tensor of Object.values({ ...parts })) tensor.dispose();
      for (const tensor of Object.values({ ...flipped })) tensor.dispose();
      parts = undefined;
      flipped = undefined;
    },
  };
}

export function isSparse(value: Tensor | SparseBatch): value is SparseBatch {
  return 'kind' in value && value.kind === 'sparse';
}

function upload({ tf, native }: Context, { indptr, indices, values, columns }: SparseRows): SparseParts {
  const rows = indptr.length - 1;
  const count = indices.length;
  const rowIds = new Int32Array(count);
  const positions = new Int32Array(count * 2);
  for (let row = 0; row < rows; row++) {
    rowIds.fill(row, indptr[row]!, indptr[row + 1]!);
  }
  for (let k = 0; k < count; k++) {
    positions[2 * k] = rowIds[k]!;
    positions[2 * k + 1] = indices[k]!;
  }
  if (native) {
    return {
      positions: tf.keep(native.int64(positions, [count, 2])),
      values: tf.keep(tf.tensor1d(values)),
      shape: tf.keep(native.int64([rows, columns], [2])),
    };
  }
  return {
    positions: tf.keep(tf.tensor2d(positions, [count, 2], 'int32')),
    values: tf.keep(tf.tensor1d(values)),
  };
}
