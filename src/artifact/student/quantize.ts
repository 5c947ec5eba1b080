import { problem } from '../../core/errors.ts';
import type { QuantizedRows } from './student-weights.ts';

/** The magnitude to which a row's largest number is brought. */
export const LARGEST = { int8: 127, int4: 7 } as const;

/**
 * Rounds each row to int8 or int4 with its own scale: symmetric, the row's largest magnitude becomes 127 or 7.
 * A row of zeros (or of numbers too small for a float32 scale) becomes zeros with scale 0.
 * @param values Float32 [rows, width]
 * @throws problem('invalid-training-input') that names the row of a NaN or an infinity
 */
export function quantizeRows(
  values: Float32Array,
  rows: number,
  width: number,
  bits: keyof typeof LARGEST = 'int8',
): QuantizedRows {
  const largest = LARGEST[bits];
  if (values.length !== rows * width) {
    throw new RangeError(`${values.length} values are not ${rows} rows of ${width}`);
  }
  const q = new Int8Array(rows * width);
  const scale = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const step = Math.fround(largestMagnitude(values, row, width) / largest);
    if (step === 0) continue;
    scale[row] = step;
    for (let k = start; k < start + width; k++) {
      // The clamp is for subnormal steps, which are too coarse to bring the largest value there exactly.
      q[k] = Math.max(-largest, Math.min(largest, Math.round(values[k] / step)));
    }
  }
  return { rows, width, q, scale };
}

/** Float32 [rows, width]; each value is within half a scale of what was quantised. */
export function dequantizeRows(matrix: QuantizedRows): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.width);
  for (let row = 0; row < matrix.rows; row++) {
    const step = matrix.scale[row];
    const end = (row + 1) * matrix.width;
    for (let k = row * matrix.width; k < end; k++) values[k] = step * matrix.q[k];
  }
  return values;
}

function largestMagnitude(values: Float32Array, row: number, width: number): number {
  let largest = 0;
  for (let k = row * width; k < (row + 1) * width; k++) {
    const magnitude = Math.abs(values[k]);
    if (!Number.isFinite(magnitude)) {
      throw problem(
        'invalid-training-input',
        `row ${row} holds ${values[k]} in column ${k - row * width}; only finite numbers can be quantised`,
      );
    }
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}
