import type { Context, Tensor } from '../backend/context.ts';

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
