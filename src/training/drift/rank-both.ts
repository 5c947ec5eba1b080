import type { Csr } from '../../dataset/matrix.ts';
import { topList } from '../../evaluation/top-list.ts';
import type { LiveModel } from '../../serving/models/live-model.ts';
import type { HistoryRow } from '../../store/data/contract.ts';
import type { Teacher } from '../../teacher/contract.ts';
import { readAndDispose } from '../../tensor/read.ts';

/** Places that are compared. */
export const K = 10;

/** A history as the version reads it. */
export interface Folded {
  /** Item rows, the newest first. */
  rows: Int32Array;
  /** One per row. */
  weights: Float32Array;
  /** Rows that lists leave out. */
  seen: Int32Array;
}

/** Folds a history as serving does; the answer is the caller's. */
export function foldHistory(model: LiveModel, history: readonly HistoryRow[], now: number): Folded {
  const { rows, weights, seen } = model.fold(history, now);
  return { rows: rows.slice(), weights: weights.slice(), seen: seen.slice() };
}

/** The K first rows of the live version, best first. */
export function rankedByStudent({ scorer }: LiveModel, { rows, weights, seen }: Folded): Int32Array {
  return Int32Array.from(scorer.recommend(rows, weights, K, seen).rows);
}

/**
 * The K first rows of the teacher for each history, best first.
 * @param items how many items it ranks
 */
export function rankedByTeacher(teacher: Teacher, histories: readonly Folded[], items: number): Int32Array[] {
  const scores = readAndDispose(teacher.scores(matrixOf(histories, items)));
  return histories.map(({ seen }, h) => {
    const own = scores.subarray(h * items, (h + 1) * items);
    for (const row of seen) own[row] = Number.NEGATIVE_INFINITY;
    return topList(own, K);
  });
}

/** Histories as a teacher reads them: [histories, items], with the order in which each came about. */
function matrixOf(histories: readonly Folded[], items: number): Csr {
  const indptr = new Int32Array(histories.length + 1);
  for (const [h, { rows }] of histories.entries()) indptr[h + 1] = indptr[h]! + rows.length;
  const nnz = indptr[histories.length]!;
  const matrix = { indices: new Int32Array(nnz), values: new Float32Array(nnz), order: new Int32Array(nnz) };
  for (const [h, { rows, weights }] of histories.entries()) {
    const ascending = [...rows.keys()].sort((a, b) => rows[a]! - rows[b]!);
    for (const [i, at] of ascending.entries()) {
      const p = indptr[h]! + i;
      matrix.indices[p] = rows[at]!;
      matrix.values[p] = weights[at]!;
      matrix.order[p] = rows.length - 1 - at;
    }
  }
  return { rows: histories.length, columns: items, indptr, ...matrix };
}
