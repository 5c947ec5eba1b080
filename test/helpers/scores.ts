import type { Csr } from '../../src/dataset/matrix.ts';
import type { ItemFactors, Teacher } from '../../src/teacher/contract.ts';

/** One array of scores per row. */
export function readScores(teacher: Pick<Teacher, 'scores'>, histories: Csr): Float32Array[] {
  const tensor = teacher.scores(histories);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return rowsOf(values, histories.rows);
}

export function rowsOf(values: Float32Array, rows: number): Float32Array[] {
  const width = values.length / rows;
  return Array.from({ length: rows }, (_, r) => values.slice(r * width, (r + 1) * width));
}

/** The scores with the items of the row's history masked. */
export function without(scores: Float32Array, histories: Csr, row: number): Float32Array {
  const masked = scores.slice();
  for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++)
    masked[histories.indices[p]!] = Number.NEGATIVE_INFINITY;
  return masked;
}

/** x input output' of each history scaled to length 1, in plain loops. */
export function foldedScores({ input, output, width }: ItemFactors, histories: Csr): Float32Array[] {
  const { indptr, indices, values, columns } = histories;
  return Array.from({ length: histories.rows }, (_, r) => {
    const user = new Float64Array(width);
    let squares = 0;
    for (let p = indptr[r]!; p < indptr[r + 1]!; p++) {
      squares += values[p]! ** 2;
      for (let k = 0; k < width; k++) user[k]! += values[p]! * input[indices[p]! * width + k]!;
    }
    const norm = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    return Float32Array.from({ length: columns }, (_, item) => {
      let score = 0;
      for (let k = 0; k < width; k++) score += norm * user[k]! * output[item * width + k]!;
      return score;
    });
  });
}
