import { messageOf, problem } from '../../core/errors.ts';
import type { Tfjs } from './context.ts';

/** Known products, a known gradient and a timed product. Returns milliseconds for the timed one (256^3). */
export function selfTest(tf: Tfjs, backend: string): number {
  try {
    return tf.engine().tidy(() => {
      const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      const b = tf.tensor2d([5, 6, 7, 8], [2, 2]);
      expectValues('2x2 product', tf.matMul(a, b).dataSync(), [19, 22, 43, 50]);
      const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x as typeof a, b))))(a);
      expectValues('gradient of |ab|^2', gradient.dataSync(), [454, 618, 1030, 1402]);
      const square = tf.fill([256, 256], 0.5) as typeof a;
      tf.matMul(square, square).dataSync();
      const start = performance.now();
      expectValues('256^3 product', tf.matMul(square, square).dataSync().slice(0, 1), [64]);
      return performance.now() - start;
    }) as unknown as number;
  } catch (error) {
    throw problem(
      'backend-unavailable',
      `the ${backend} backend fails its self-test: ${messageOf(error)}`,
      {},
      error,
    );
  }
}

function expectValues(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  expected.forEach((value, i) => {
    if (!(Math.abs(actual[i]! - value) <= 1e-3 * Math.abs(value))) {
      throw new Error(`${what} gives ${actual[i]} instead of ${value} at position ${i}`);
    }
  });
}
