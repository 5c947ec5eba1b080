/** NDCG@10 of each asked user, by task; empty for a task of which nobody is asked. */
export type ByTask = readonly Float64Array[];

export interface TasksTrial {
  student: string;
  /** Share of all updates that it had: 1 for a control, which has all of its work done. */
  work: number;
  /** NDCG@10 by that of the task's teacher, in the order of the tasks; null for a task of which nobody is asked. */
  tasks: (number | null)[];
  /** The mean of these by the weights of the tasks, by which is chosen. */
  score: number;
  /** One standard error of the difference to the student that was taught; 0 for that one. */
  noise: number;
}

/** Share of the taught student's NDCG@10 that a control has to reach in every task: no task pays for the mean of all. */
const LEAST_OF_TASK = 0.9;

/**
 * Compares ways to make the student of several tasks. The control takes the place of the taught student, which comes first, where it is
 * better by more than one standard error and falls behind in no task: less is chance, and then the student that has a head for each task stays.
 * @param teachers NDCG@10 of the teachers on the same users
 */
export function pickForTasks(
  all: readonly { student: string; work: number; users: ByTask }[],
  teachers: ByTask,
  weights: readonly number[],
): { picked: number; trials: TasksTrial[] } {
  const asked = teachers.map(({ length }, task) => (length > 0 ? weights[task]! : 0));
  const whole = asked.reduce((sum, weight) => sum + weight, 0) || 1;
  // A teacher that finds nothing is no measure: shares are NDCG@10 itself then.
  const levels = teachers.map((users) => mean(users) || 1);
  const trials = all.map(({ student, work, users }, i): TasksTrial => {
    const tasks = users.map((own, task) => (own.length > 0 ? mean(own) / levels[task]! : null));
    const score = tasks.reduce<number>((sum, share, task) => sum + (asked[task]! / whole) * (share ?? 0), 0);
    const variance = users.reduce((sum, own, task) => {
      const differences = own.map((value, user) => value - all[0]!.users[task]![user]!);
      return sum + (asked[task]! / whole / levels[task]!) ** 2 * varianceOfMean(differences);
    }, 0);
    return { student, work, tasks, score, noise: i === 0 ? 0 : Math.sqrt(variance) };
  });
  const keepsEach = ({ tasks }: TasksTrial) =>
    tasks.every((share, task) => (share ?? 0) >= LEAST_OF_TASK * (trials[0]!.tasks[task] ?? 0));
  const isBetter = (trial: TasksTrial) => trial.score - trial.noise > trials[0]!.score && keepsEach(trial);
  const picked = trials.reduce(
    (best, trial, i) => (isBetter(trial) && trial.score > trials[best]!.score ? i : best),
    0,
  );
  return { picked, trials };
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOfMean(values: Float64Array): number {
  if (values.length < 2) return 0;
  const middle = mean(values);
  const spread = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  return spread / values.length;
}
