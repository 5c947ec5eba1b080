import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { Split } from '../../../dataset/split/split.ts';

/**
 * The student as it is served. In training and in the tables the histories have their older items weigh less already, so that the
 * teacher and the controls are asked with the same; serving leaves that to the student.
 */
export function withRecency(weights: StudentWeights, { recency }: Pick<Split, 'recency'>): StudentWeights {
  return recency === undefined ? weights : { ...weights, recency };
}

/** The student without it, to be asked with histories in which older items weigh less already. */
export function withoutRecency({ recency: _, ...weights }: StudentWeights): StudentWeights {
  return weights;
}
