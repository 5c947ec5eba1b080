import type { Engine } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';
import type { ItemFactors } from '../contract.ts';

/** input (output' V), [items, width]: `project` of a teacher that has item factors. */
export function projectFactors(
  { tf }: Engine,
  factors: ItemFactors,
  directions: Float32Array,
  width: number,
): Float32Array {
  const items = directions.length / width;
  const projected = tf.tidy(() => {
    const shape: [number, number] = [items, factors.width];
    const inner = tf.matMul(
      tf.tensor2d(factors.output, shape),
      tf.tensor2d(directions, [items, width]),
      true,
    );
    return tf.matMul(tf.tensor2d(factors.input, shape), inner);
  });
  return readAndDispose(projected);
}
