import type { QuantizedRows } from '../artifact/student-weights.ts';

export const BLOCK_ROWS = 8;

/** Rows in blocks of eight, so that one pass over the user's vector scores eight rows. */
export interface Blocks {
  /** Rows beyond the last one are padding. */
  count: number;
  /** Scores the eight rows of a block as float32: scale * (q . vector) + bias; padding scores 0. */
  score(block: number, vector: Float64Array, lanes: Float32Array): void;
}

/**
 * Two Int32 words hold column k of a block's eight rows: one load for four int8 numbers, and eight sums that do not
 * wait for each other. Measured twice as fast as row after row. Each sum runs in column order in float64, so that
 * it is the same number as a naive loop's.
 * @param items int8 [N, d] with one scale per row
 * @param bias Float32 [N]
 */
export function packBlocks(items: QuantizedRows, bias: Float32Array): Blocks {
  const { width } = items;
  const count = Math.ceil(items.rows / BLOCK_ROWS);
  const words = packWords(items, count);
  const scale = new Float32Array(count * BLOCK_ROWS);
  const shift = new Float32Array(count * BLOCK_ROWS);
  scale.set(items.scale);
  shift.set(bias);

  return {
    count,
    score(block, vector, lanes) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      let s5 = 0;
      let s6 = 0;
      let s7 = 0;
      let at = block * 2 * width;
      for (let k = 0; k < width; k++) {
        const x = vector[k];
        const low = words[at];
        const high = words[at + 1];
        at += 2;
        s0 += ((low << 24) >> 24) * x;
        s1 += ((low << 16) >> 24) * x;
        s2 += ((low << 8) >> 24) * x;
        s3 += (low >> 24) * x;
        s4 += ((high << 24) >> 24) * x;
        s5 += ((high << 16) >> 24) * x;
        s6 += ((high << 8) >> 24) * x;
        s7 += (high >> 24) * x;
      }
      const row = block * BLOCK_ROWS;
      lanes[0] = scale[row] * s0 + shift[row];
      lanes[1] = scale[row + 1] * s1 + shift[row + 1];
      lanes[2] = scale[row + 2] * s2 + shift[row + 2];
      lanes[3] = scale[row + 3] * s3 + shift[row + 3];
      lanes[4] = scale[row + 4] * s4 + shift[row + 4];
      lanes[5] = scale[row + 5] * s5 + shift[row + 5];
      lanes[6] = scale[row + 6] * s6 + shift[row + 6];
      lanes[7] = scale[row + 7] * s7 + shift[row + 7];
    },
  };
}

/** Int32 [blocks, d, 2]; byte j of the eight is row 8 * block + j. */
function packWords({ rows, width, q }: QuantizedRows, blocks: number): Int32Array {
  const words = new Int32Array(blocks * width * 2);
  for (let row = 0; row < rows; row++) {
    const lane = row % BLOCK_ROWS;
    const first = Math.floor(row / BLOCK_ROWS) * width * 2 + (lane >> 2);
    const bits = (lane & 3) * 8;
    for (let k = 0; k < width; k++) words[first + 2 * k] |= (q[row * width + k] & 255) << bits;
  }
  return words;
}
