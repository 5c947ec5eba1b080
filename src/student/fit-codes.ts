import { decodeRows, partsOf } from '../artifact/student/product-codes.ts';
import type { ProductCodes, StoredRows } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';

const ITERATIONS = 12;
/** Rows from which the codebooks are learnt; enough for 256 codes. */
const MAX_SAMPLE = 16_384;
const LARGEST = 127;

/**
 * Product quantization of rows [rows, width]: rows are brought to a largest magnitude of 127, codebooks come from k-means
 * (Lloyd) on a sample of them and are rounded to int8, and each row's scale is the one that fits its decoded row best.
 */
export function productQuantize(
  values: Float32Array,
  rows: number,
  width: number,
  { codes, codeWidth }: { codes: number; codeWidth: number },
  rng: Rng,
): StoredRows {
  const scaled = scaleRowsTo(values, rows, width);
  const parts = partsOf(width, codeWidth);
  const chosen = new Uint8Array(rows * parts);
  const codebook = new Int8Array(parts * codes * codeWidth);
  const sample = rng.shuffle(Int32Array.from({ length: rows }, (_, row) => row)).subarray(0, MAX_SAMPLE);
  for (let part = 0; part < parts; part++) {
    const cut = cutPart(scaled, rows, width, part * codeWidth, codeWidth);
    const centres = kMeans(cut, sample, codes, codeWidth);
    const words = codebook.subarray(part * codes * codeWidth, (part + 1) * codes * codeWidth);
    words.set(centres.map(Math.round));
    const rounded = Float64Array.from(words);
    for (let row = 0; row < rows; row++) {
      chosen[row * parts + part] = nearest(cut, row, rounded, codes, codeWidth);
    }
  }
  return withBestScales({ codeWidth, codes, chosen, codebook }, values, rows, width);
}

function scaleRowsTo(values: Float32Array, rows: number, width: number): Float64Array {
  const scaled = new Float64Array(values.length);
  for (let row = 0; row < rows; row++) {
    let largest = 0;
    for (let k = row * width; k < (row + 1) * width; k++) largest = Math.max(largest, Math.abs(values[k]!));
    if (largest === 0) continue;
    for (let k = row * width; k < (row + 1) * width; k++) scaled[k] = (values[k]! / largest) * LARGEST;
  }
  return scaled;
}

/** Columns from..from+codeWidth of all rows, [rows, codeWidth]; zeros beyond the last column. */
function cutPart(
  values: Float64Array,
  rows: number,
  width: number,
  from: number,
  codeWidth: number,
): Float64Array {
  const cut = new Float64Array(rows * codeWidth);
  const count = Math.min(codeWidth, width - from);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < count; k++) cut[row * codeWidth + k] = values[row * width + from + k]!;
  }
  return cut;
}

/** Centres [codes, width], started from rows of the sample; a centre that loses all its rows stays where it is. */
function kMeans(points: Float64Array, sample: Int32Array, codes: number, width: number): Float64Array {
  const centres = new Float64Array(codes * width);
  for (let code = 0; code < codes; code++) {
    const row = sample[code % sample.length]!;
    centres.set(points.subarray(row * width, (row + 1) * width), code * width);
  }
  for (let i = 0; i < ITERATIONS; i++) {
    const sums = new Float64Array(codes * width);
    const counts = new Int32Array(codes);
    for (const row of sample) {
      const code = nearest(points, row, centres, codes, width);
      counts[code]!++;
      for (let k = 0; k < width; k++) sums[code * width + k]! += points[row * width + k]!;
    }
    for (let code = 0; code < codes; code++) {
      if (counts[code] === 0) continue;
      for (let k = 0; k < width; k++) centres[code * width + k] = sums[code * width + k]! / counts[code]!;
    }
  }
  return centres;
}

function nearest(
  points: Float64Array,
  row: number,
  centres: Float64Array,
  codes: number,
  width: number,
): number {
  const at = row * width;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let code = 0, c = 0; code < codes; code++, c += width) {
    let distance = 0;
    for (let k = 0; k < width; k++) {
      const apart = points[at + k]! - centres[c + k]!;
      distance += apart * apart;
    }
    if (distance < least) {
      least = distance;
      best = code;
    }
  }
  return best;
}

function withBestScales(
  product: ProductCodes,
  values: Float32Array,
  rows: number,
  width: number,
): StoredRows {
  const decoded = decodeRows(product, width, new Float32Array(rows));
  for (let row = 0; row < rows; row++) {
    let along = 0;
    let square = 0;
    for (let k = row * width; k < (row + 1) * width; k++) {
      along += values[k]! * decoded.q[k]!;
      square += decoded.q[k]! ** 2;
    }
    decoded.scale[row] = square > 0 ? Math.max(0, along / square) : 0;
  }
  return decoded;
}
