import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import type { SparseBatch, SparseParts } from './batch.ts';

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
