import type { Rng } from '../../core/rng.ts';

/** [rows, columns] uniform start values (Glorot & Bengio 2010, eq. 16). */
export function glorot(rows: number, columns: number, rng: Rng): Float32Array {
  const limit = Math.sqrt(6 / (rows + columns));
  return Float32Array.from({ length: rows * columns }, () => (2 * rng.next() - 1) * limit);
}
