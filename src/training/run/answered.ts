import type { OnRanked } from '../../evaluation/evaluate.ts';

/** One answer of a model in the evaluation, by ids: a list with its scores, or what was predicted of some items or labels. */
export interface Answered {
  /** Name of the model in the report. */
  by: string;
  /** Name of the task, where a job has several. */
  task?: string;
  /** The user, or the entity whose labels are predicted. */
  id: string;
  answers: { id: string; score: number }[];
}

export type OnAnswer = (answer: Answered) => void;

/** Names rows by their ids; undefined where nobody asks. */
export function namedAnswers(
  onAnswer: OnAnswer | undefined,
  { users, items }: { users: readonly string[]; items: readonly string[] },
  task?: string,
): OnRanked | undefined {
  return (
    onAnswer &&
    ((by, user, list, scores) =>
      onAnswer({
        by,
        ...(task !== undefined && { task }),
        id: users[user]!,
        answers: Array.from(list, (row) => ({ id: items[row]!, score: scores[row]! })),
      }))
  );
}
