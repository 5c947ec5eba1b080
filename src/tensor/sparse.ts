import { problem } from '../core/errors.ts';
import type { Context, Tensor } from './context.ts';
import { differentiable } from './differentiable.ts';

/** Compressed sparse rows of one batch. `indptr` has rows + 1 entries and starts at 0. */
export interface SparseRows {
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
  columns: number;
}

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

interface SparseParts {
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

function checkRows({ indptr, indices, values, columns }: SparseRows): void {
  const rows = indptr.length - 1;
  if (rows < 1) throw problem('invalid-training-input', 'empty batch: it has no rows');
  const count = indptr[rows]!;
  if (indptr[0] !== 0 || count !== indices.length || count !== values.length) {
    throw problem(
      'invalid-training-input',
      `sparse rows disagree: indptr goes from ${indptr[0]} to ${count}, with ${indices.length} indices and ${values.length} values`,
    );
  }
  for (let row = 0; row < rows; row++) {
    if (indptr[row + 1]! < indptr[row]!) {
      throw problem('invalid-training-input', `indptr decreases at row ${row}`);
    }
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const id = indices[k]!;
      if (id < 0 || id >= columns) {
        throw problem(
          'invalid-training-input',
          `row ${row} holds id ${id}, which is outside 0..${columns - 1} (limit ${columns})`,
        );
      }
      if (!Number.isFinite(values[k])) {
        throw problem('invalid-training-input', `row ${row}, id ${id}: the value is ${values[k]}`);
      }
    }
  }
}

/** The transposed matrix, by counting: linear in the entries. */
function transposeRows({ indptr, indices, values, columns }: SparseRows): SparseRows {
  const rows = indptr.length - 1;
  const starts = new Int32Array(columns + 1);
  for (let k = 0; k < indices.length; k++) starts[indices[k]! + 1]!++;
  for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
  const next = starts.slice(0, columns);
  const flipped = {
    indptr: starts,
    indices: new Int32Array(indices.length),
    values: new Float32Array(indices.length),
    columns: rows,
  };
  for (let row = 0; row < rows; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const at = next[indices[k]!]!++;
      flipped.indices[at] = row;
      flipped.values[at] = values[k]!;
    }
  }
  return flipped;
}

function sumRows({ indptr, values }: SparseRows): Float32Array {
  const sums = new Float32Array(indptr.length - 1);
  for (let row = 0; row < sums.length; row++) {
    let sum = 0;
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) sum += values[k]!;
    sums[row] = sum;
  }
  return sums;
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

/** x [B,N] sparse times w [N,H] -> [B,H]. The gradient of w is xᵀ·dy, computed from the stored values only. */
export function sparseMatMul(context: Context, x: SparseBatch, w: Tensor): Tensor {
  const [rows, width] = w.shape;
  if (w.rank !== 2 || rows !== x.columns) {
    throw problem(
      'invalid-training-input',
      `sparseMatMul: x is [${x.rows},${x.columns}] and w is [${w.shape}]; w needs ${x.columns} rows`,
    );
  }
  return differentiable(
    context,
    { w },
    () => multiply(context, x, w, width!),
    (dy) => ({ w: () => multiplyTransposed(context, x, dy) }),
  );
}

/** xᵀ·y: x [B,N] sparse, y [B,H] -> [N,H]. Not differentiable. */
export function sparseMatMulTransposed(context: Context, x: SparseBatch, y: Tensor): Tensor {
  if (y.rank !== 2 || y.shape[0] !== x.rows) {
    throw problem(
      'invalid-training-input',
      `sparse transposed product: x has ${x.rows} rows, y is [${y.shape}]`,
    );
  }
  return context.tf.tidy(() => multiplyTransposed(context, x, y));
}

/** x as a dense tensor [B,N]; values at the same place add up. */
export function toDense(context: Context, x: SparseBatch): Tensor {
  const { tf, native } = context;
  const shape = [x.rows, x.columns];
  if (x.source.indices.length === 0) return tf.zeros(shape);
  const parts = x.parts();
  if (native) {
    return native.one(
      'ScatterNd',
      [native.attr.type('T', 'float32'), native.attr.type('Tindices', 'int64')],
      [parts.positions, parts.values, parts.shape!],
    );
  }
  return tf.scatterND(parts.positions, parts.values, shape as [number, number]);
}

/** The scores [B,N] at the places where x holds a value: [nnz], in x's order. Needs at least one value. */
export function pick({ tf, native }: Context, scores: Tensor, x: SparseBatch): Tensor {
  const { positions } = x.parts();
  if (!native) return tf.gatherND(scores, positions);
  const attrs = [native.attr.type('Tparams', 'float32'), native.attr.type('Tindices', 'int64')];
  return native.one('GatherNd', attrs, [scores, positions]);
}

function multiply(context: Context, x: SparseBatch, w: Tensor, width: number): Tensor {
  const { tf, native } = context;
  if (x.source.indices.length === 0) return tf.zeros([x.rows, width]);
  if (native) return nativeProduct(context, x.parts(), w, false);
  return plainProduct(context, x, w, false);
}

function multiplyTransposed(context: Context, x: SparseBatch, y: Tensor): Tensor {
  const { tf, native } = context;
  if (x.source.indices.length === 0) return tf.zeros([x.columns, y.shape[1]!]);
  if (native) {
    // TensorFlow's own adjoint product scatters; from about this size on, sorting the entries first pays for itself.
    const large = x.source.indices.length * y.shape[1]! > 4_000_000;
    return large
      ? nativeProduct(context, x.transposed(), y, false)
      : nativeProduct(context, x.parts(), y, true);
  }
  return plainProduct(context, x, y, true);
}

/** x·dense or xᵀ·dense in a plain loop: off native far faster than gather, multiply and scatter (wasm gathers a row in 13 us). */
function plainProduct({ tf }: Context, x: SparseBatch, dense: Tensor, transposed: boolean): Tensor {
  const { indptr, indices, values } = x.source;
  const width = dense.shape[1]!;
  const input = dense.dataSync() as Float32Array;
  const rows = transposed ? x.columns : x.rows;
  const output = new Float32Array(rows * width);
  for (let row = 0; row < x.rows; row++) {
    for (let k = indptr[row]!; k < indptr[row + 1]!; k++) {
      const to = (transposed ? indices[k]! : row) * width;
      const from = (transposed ? row : indices[k]!) * width;
      const value = values[k]!;
      for (let j = 0; j < width; j++) output[to + j]! += value * input[from + j]!;
    }
  }
  return tf.tensor2d(output, [rows, width]);
}

function nativeProduct({ native }: Context, parts: SparseParts, dense: Tensor, adjoint: boolean): Tensor {
  const { attr, one } = native!;
  const { positions, values, shape } = parts;
  return one(
    'SparseTensorDenseMatMul',
    [
      attr.type('T', 'float32'),
      attr.type('Tindices', 'int64'),
      attr.bool('adjoint_a', adjoint),
      attr.bool('adjoint_b', false),
    ],
    [positions, values, shape!, dense],
  );
}

/** rows [n,H] added up by ids int32 [n] -> [count,H]. tfjs's unsortedSegmentSum is quadratic on cpu and absent on wasm. */
export function sumByRow({ tf, native }: Context, rows: Tensor, ids: Tensor, count: number): Tensor {
  if (native) {
    return native.one(
      'UnsortedSegmentSum',
      [
        native.attr.type('T', 'float32'),
        native.attr.type('Tindices', 'int32'),
        native.attr.type('Tnumsegments', 'int32'),
      ],
      [rows, ids, tf.scalar(count, 'int32')],
    );
  }
  return tf.scatterND(tf.expandDims(ids, 1), rows, [count, rows.shape[1]!]);
}
