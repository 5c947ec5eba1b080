import type { Context } from '../backend/context.ts';
import { symmetricEigen } from '../linalg/symmetric-eigen.ts';
import { gramParts } from './work.ts';

/** The turn that makes a weighted Gram matrix diagonal, as kernel/ridge.ts takes it. */
export interface Turn {
  /** [width] eigenvalues, zero beyond d. */
  spectrum: Float32Array;
  /** [width, width] eigenvectors as columns, in panels of eight columns. */
  panels: Float32Array;
}

/**
 * @param sums the parts of Y'Y, [parts, width, width], right on and above the diagonal
 * @param rows the number of rows of Y
 */
export function turnOf(
  context: Context,
  sums: Float32Array,
  rows: number,
  d: number,
  width: number,
  weight: number,
): Turn {
  const gram = new Float64Array(d * d);
  for (let part = 0; part < gramParts(rows); part++) {
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++) gram[i * d + j]! += weight * sums[part * width ** 2 + i * width + j]!;
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[i * d + j] = gram[j * d + i]!;
  const { values, vectors } = eigen(context, gram, d);
  const spectrum = new Float32Array(width);
  spectrum.set(values);
  return { spectrum, panels: inPanels(vectors, d, width) };
}

function eigen({ native, tf }: Context, a: Float64Array, d: number) {
  if (!native) return symmetricEigen(a, d);
  const square = tf.tensor2d(Float32Array.from(a), [d, d]);
  const attrs = [native.attr.type('T', 'float32'), native.attr.bool('compute_v', true)];
  const [values, vectors] = native.run('SelfAdjointEigV2', attrs, [square], 2);
  const found = {
    values: values!.dataSync() as Float32Array,
    vectors: vectors!.dataSync() as Float32Array,
  };
  tf.dispose([square, values!, vectors!]);
  return found;
}

function inPanels(vectors: ArrayLike<number>, d: number, width: number): Float32Array {
  const panels = new Float32Array(width * width);
  for (let row = 0; row < d; row++) {
    for (let column = 0; column < d; column++) {
      panels[(column >> 3) * width * 8 + row * 8 + (column & 7)] = vectors[row * d + column]!;
    }
  }
  return panels;
}

/** The eigenvectors the other way round, which turns back. */
export function turnedBack({ panels }: Turn, width: number): Float32Array {
  const back = new Float32Array(panels.length);
  for (let row = 0; row < width; row++) {
    for (let column = 0; column < width; column++) {
      back[(row >> 3) * width * 8 + column * 8 + (row & 7)] =
        panels[(column >> 3) * width * 8 + row * 8 + (column & 7)]!;
    }
  }
  return back;
}
