/** Measurements of each asked user: NDCG@10, and the share of the teacher's first ten items that the student has too. */
export interface PerUser {
  ndcg: Float64Array;
  shared: Float64Array;
}

/** The two kinds of users who are asked; empty where there are none. */
export type ByHistory<T> = Record<'known' | 'unseen', T>;

export interface StudentTrial {
  student: string;
  /** Share of all updates that it had: 1 for a control, which has all of its work done. */
  work: number;
  /** NDCG@10 by that of the teacher: for histories that the student was taught on, and for users whom it never saw; null without such. */
  known: number | null;
  unseen: number | null;
  /** The mean of the two, by which is chosen. */
  score: number;
  /** One standard error of the difference to the student with the best score; 0 for that one. */
  noise: number;
  /** Share of the teacher's first ten items that it has among its own, in the mean over both kinds of users. */
  overlap: number;
}

export interface Compared {
  student: string;
  work: number;
  users: ByHistory<PerUser>;
}

/**
 * Picks the student: the nearest to the teacher among those whose score is within one standard error of the best (the rule of
 * one standard error of Breiman et al., Classification and Regression Trees, 1984, with overlap for size). A difference that
 * chance explains decides nothing then.
 * @param teacher NDCG@10 of the teacher on the same users
 */
export function pickStudent(
  all: readonly Compared[],
  teacher: ByHistory<Float64Array>,
): { picked: number; trials: StudentTrial[] } {
  const scores = all.map((one) => sharesOf(one, teacher));
  const best = indexOfMost(scores, ({ score }) => score);
  const trials = all.map(
    (one, i): StudentTrial => ({
      student: one.student,
      work: one.work,
      ...scores[i]!,
      noise: i === best ? 0 : noiseBetween(all[best]!, one, teacher),
      overlap: overKinds((kind) => mean(one.users[kind].shared), teacher),
    }),
  );
  const top = trials[best]!.score;
  const near = trials.map(({ score, noise, overlap }) => (top - score <= noise ? overlap : -1));
  return { picked: indexOfMost(near, (overlap) => overlap), trials };
}

const KINDS = ['known', 'unseen'] as const;

function sharesOf({ users }: Compared, teacher: ByHistory<Float64Array>) {
  const share = (kind: keyof ByHistory<unknown>) =>
    teacher[kind].length === 0 ? null : mean(users[kind].ndcg) / levelOf(teacher[kind]);
  return {
    known: share('known'),
    unseen: share('unseen'),
    score: overKinds((kind) => share(kind)!, teacher),
  };
}

/** Both students were asked about the same users, so what differs from user to user is no noise. */
function noiseBetween(a: Compared, b: Compared, teacher: ByHistory<Float64Array>): number {
  const there = kindsIn(teacher);
  const variances = there.map((kind) => {
    const differences = a.users[kind].ndcg.map((value, user) => value - b.users[kind].ndcg[user]!);
    const middle = mean(differences);
    const count = differences.length;
    const spread =
      differences.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, count - 1);
    return spread / count / levelOf(teacher[kind]) ** 2;
  });
  return Math.sqrt(variances.reduce((sum, value) => sum + value, 0)) / there.length;
}

function overKinds(of: (kind: keyof ByHistory<unknown>) => number, teacher: ByHistory<Float64Array>): number {
  return mean(kindsIn(teacher).map(of));
}

const kindsIn = (teacher: ByHistory<Float64Array>) => KINDS.filter((kind) => teacher[kind].length > 0);

/** A teacher that finds nothing is no measure: shares are NDCG@10 itself then. */
const levelOf = (teacher: Float64Array) => mean(teacher) || 1;

function mean(values: Float64Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

function indexOfMost<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((top, one, i) => (of(one) > of(all[top]!) ? i : top), 0);
}
