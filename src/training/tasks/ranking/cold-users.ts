import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { type Csr, emptyCsr, filterEntries, rowLength } from '../../../dataset/matrix.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import type { Split } from '../../../dataset/split/split.ts';
import { type EvaluationData, evaluate } from '../../../evaluation/evaluate.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import type { NewUsersFigures } from '../../new-users/learn-new-users.ts';
import { popularityRanker, studentRanker } from './rankers.ts';
import type { TrainingData } from './training-data.ts';

export interface SplitData {
  dataset: TrainingData['dataset'];
  split: Split;
}

const PLACES = 20;

/** Asks for the held-out pairs of a part as if nothing but features were known of its users. */
export function askColdUsers(
  { dataset, split }: SplitData,
  popularity: Float32Array,
  part: 'validation' | 'test',
): EvaluationData {
  const { rows, columns, side } = dataset.matrix;
  const { heldOut, ...masked } = maskedFor(split, dataset, part);
  return {
    histories: { ...emptyCsr(rows, columns), side: side! },
    ...masked,
    heldOut: ofUsers(heldOut, (user) => rowLength(side!, user) > 0),
    popularity,
  };
}

/**
 * Lets a student that was trained with features of users read them without a history only where validation says that this is better than popularity, by NDCG@20.
 * @returns the student, and the figures where it reads features of users and there is a validation part
 */
export async function keepColdUsers(
  weights: StudentWeights,
  data: SplitData,
): Promise<{ weights: StudentWeights; coldUsers?: NewUsersFigures }> {
  const { users } = weights.features ?? {};
  if (!users) return { weights };
  const { popularity } = weights;
  const rankers = [studentRanker('student', createStudentScorer(weights)), popularityRanker(popularity)];
  const asked = askColdUsers(data, popularity, 'validation');
  const evaluated = await evaluate(rankers, asked, { ks: [PLACES], losses: false });
  if (evaluated.users.length === 0) return { weights };
  const [own, theirs] = evaluated.outcomes.map(({ metrics }) => meanOf(metrics[`ndcg@${PLACES}`]!));
  const used = own! > theirs!;
  const coldUsers = { users: evaluated.users.length, student: own!, popularity: theirs!, used };
  return { weights: used ? weights : withoutColdUsers(weights), coldUsers };
}

/** Says whether the student answers users of whom only features are known, and not popularity. */
export function answersNewUsers({ features }: StudentWeights): boolean {
  const { users, newUsers } = features ?? {};
  return newUsers !== undefined || (users !== undefined && !users.onlyWithHistory);
}

/** The student that leaves users without a history to popularity. */
export function withoutColdUsers(weights: StudentWeights): StudentWeights {
  const { users, ...items } = weights.features ?? {};
  return users ? { ...weights, features: { ...items, users: { ...users, onlyWithHistory: true } } } : weights;
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** The pairs of some users. */
export function ofUsers(pairs: Csr, isWanted: (user: number) => boolean): Csr {
  const kept = new Uint8Array(pairs.indices.length);
  for (let user = 0; user < pairs.rows; user++)
    if (isWanted(user)) kept.fill(1, pairs.indptr[user]!, pairs.indptr[user + 1]!);
  return filterEntries(pairs, (p) => kept[p] === 1);
}
