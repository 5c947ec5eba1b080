import { encodeStudentWeights } from '../../../artifact/student/pack.ts';
import { parameterCount } from '../../../artifact/student/student-weights.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import { createUserSolver, type RoundedModel } from '../../controls/small-model.ts';
import type { Entry } from './entries.ts';
import { rowOf, studentRanker, type TimedRanker } from './rankers.ts';

/** The best small model without a teacher, as it would be served. */
export function bestAloneEntry({ weights, solved, description }: RoundedModel): Entry {
  return {
    role: 'control',
    ranker: solved
      ? solvedRanker(weights, solved)
      : studentRanker('best-alone', createStudentScorer(weights)),
    description,
    parameters: parameterCount(weights),
    bytes: encodeStudentWeights(weights).length,
  };
}

/** Solves each user's vector from the rounded rows, and scans them as serving scans those of a student. */
function solvedRanker(
  weights: RoundedModel['weights'],
  ridge: NonNullable<RoundedModel['solved']>,
): TimedRanker {
  const { kernel } = createStudentScorer(weights);
  const solve = createUserSolver(weights, ridge);
  return {
    name: 'best-alone',
    scores(histories: Csr) {
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) {
        const own = rowOf(histories, r);
        const scores = out.subarray(r * histories.columns, (r + 1) * histories.columns);
        kernel.scoresInto(solve(own.rows, own.weights), scores);
      }
      return out;
    },
    recommendOne(history, k) {
      const { rows, weights: own } = rowOf(history, 0);
      kernel.exclude(rows);
      kernel.topK(solve(rows, own), k);
    },
  };
}
