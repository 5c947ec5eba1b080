import { encodeStudentWeights } from '../../../artifact/student/pack.ts';
import { parameterCount } from '../../../artifact/student/student-weights.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { RoundedModel } from '../../controls/small-model.ts';
import type { Entry } from './entries.ts';
import { studentRanker } from './rankers.ts';

/** The best small model without a teacher, as it would be served. */
export function bestAloneEntry({ weights, description }: RoundedModel): Entry {
  return {
    role: 'control',
    ranker: studentRanker('best-alone', createStudentScorer(weights)),
    description,
    parameters: parameterCount(weights),
    bytes: encodeStudentWeights(weights).length,
  };
}
