import type { Context, Tensor } from '../backend/context.ts';

/** a·b with either side transposed; [m,k]·[k,n] -> [m,n]. No gradient of its own: for use inside forward and backward functions. */
export function product(
  { tf, native }: Context,
  a: Tensor,
  b: Tensor,
  transposeA = false,
  transposeB = false,
): Tensor {
  if (native) {
    const { attr } = native;
    return native.one(
      'MatMul',
      [attr.type('T', 'float32'), attr.bool('transpose_a', transposeA), attr.bool('transpose_b', transposeB)],
      [a, b],
    );
  }
  // wasm multiplies transposed matrices twenty times slower than it transposes and multiplies.
  const left = transposeA ? tf.transpose(a) : a;
  const right = transposeB ? tf.transpose(b) : b;
  return tf.matMul(left, right);
}
