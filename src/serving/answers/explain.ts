import type { Sliced } from '../../core/slices.ts';
import type { Bag } from '../../features/encoding.ts';
import type { StudentScorer } from '../../scoring/student-scorer.ts';

export interface Contribution {
  row: number;
  contribution: number;
}

const SHOWN = 3;

/**
 * Which rows of a history raised each recommended row most: by how much its score falls when the user's vector is
 * computed without them. Holds for any kind of student. Only what raised the score is shown.
 * @param history distinct rows with their weights
 * @returns per recommended row, the strongest first
 */
export function* explain(
  scorer: StudentScorer,
  history: { rows: Int32Array; weights: Float32Array; side?: Bag | null },
  recommended: readonly number[],
): Sliced<Contribution[][]> {
  const { rows, weights, side } = history;
  const all = new Float32Array(recommended.length);
  scorer.kernel.scoresOf(scorer.userVector(rows, weights, side), recommended, all);
  const found: Contribution[][] = recommended.map(() => []);
  const less = new Float32Array(recommended.length);
  for (let left = 0; left < rows.length; left++) {
    const isKept = (_: number, i: number) => i !== left;
    scorer.kernel.scoresOf(
      scorer.userVector(rows.filter(isKept), weights.filter(isKept), side),
      recommended,
      less,
    );
    for (let i = 0; i < recommended.length; i++) {
      const contribution = all[i]! - less[i]!;
      if (contribution > 0) insert(found[i]!, { row: rows[left]!, contribution });
    }
    yield;
  }
  return found;
}

function insert(list: Contribution[], entry: Contribution): void {
  list.push(entry);
  list.sort((a, b) => b.contribution - a.contribution);
  if (list.length > SHOWN) list.length = SHOWN;
}
