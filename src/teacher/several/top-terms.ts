import type { Csr } from '../../dataset/matrix.ts';

/** Items of each row that are kept beside its own, far more than any list that is judged. */
const KEPT = 500;

/** The greatest entries of each row of scores; all others of a row count as its floor. */
export interface TopTerms {
  rows: number;
  columns: number;
  /** [rows + 1] where the entries of each row begin. */
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
  /** [rows] */
  floors: Float32Array;
}

/**
 * Keeps what can come into a list of some tens: the best 500 of each row beside as many as the user has items of his own, which no
 * list shows. Of a catalogue that is not larger all is kept.
 * @param scores [rows, columns], not changed
 */
export function keepTop(scores: Float32Array, own: Csr): TopTerms {
  const { rows, columns } = own;
  const sizes = Array.from({ length: rows }, (_, r) =>
    Math.min(columns, KEPT + own.indptr[r + 1]! - own.indptr[r]!),
  );
  const indptr = new Int32Array(rows + 1);
  sizes.forEach((size, r) => {
    indptr[r + 1] = indptr[r]! + size;
  });
  const indices = new Int32Array(indptr[rows]!);
  const values = new Float32Array(indptr[rows]!);
  const floors = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    const row = scores.subarray(r * columns, (r + 1) * columns);
    const size = sizes[r]!;
    const least = size === columns ? Number.NEGATIVE_INFINITY : leastOf(row, size);
    let to = indptr[r]!;
    // Those above the floor first, then as many that equal it as there is room for.
    for (const equal of [false, true]) {
      for (let i = 0; i < columns && to < indptr[r + 1]!; i++) {
        if (equal ? row[i] !== least : row[i]! <= least) continue;
        indices[to] = i;
        values[to++] = row[i]!;
      }
    }
    floors[r] = size === columns ? 0 : least;
  }
  return { rows, columns, indptr, indices, values, floors };
}

/** Writes the entries into whole rows, [rows, columns]. */
export function spreadTop(
  { rows, columns, indptr, indices, values, floors }: TopTerms,
  out: Float32Array,
): void {
  for (let r = 0; r < rows; r++) {
    const from = r * columns;
    out.fill(floors[r]!, from, from + columns);
    for (let p = indptr[r]!; p < indptr[r + 1]!; p++) out[from + indices[p]!] = values[p]!;
  }
}

/** Every so many values of a row guess where its top begins. */
const SAMPLED = 16;

/** The size-th greatest value. Only those above a guess are put in order, where they are enough. */
function leastOf(row: Float32Array, size: number): number {
  const sample = row.filter((_, i) => i % SAMPLED === 0).sort();
  const guess = sample[Math.max(0, sample.length - Math.ceil((2 * size) / SAMPLED))]!;
  const above = row.filter((value) => value >= guess);
  const some = above.length >= size ? above : row.slice();
  return some.sort()[some.length - size]!;
}
