import { quantizeRows } from '../artifact/student/quantize.ts';
import type { StoredRows } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import type { Quantization } from '../domain/students/quantization.ts';
import { productQuantize } from './fit-codes.ts';

export interface Storage {
  quantization: Quantization;
  /** Codes in each codebook, for the quantization pq. */
  codes: number;
  codeWidth: number;
}

/** An item matrix [rows, width] as the artifact keeps it. */
export function storeRows(
  values: Float32Array,
  rows: number,
  width: number,
  storage: Storage,
  rng: Rng,
): StoredRows {
  if (storage.quantization === 'pq') return productQuantize(values, rows, width, storage, rng);
  return quantizeRows(values, rows, width, storage.quantization);
}
