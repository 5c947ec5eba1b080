import { problem } from '../../../core/errors.ts';
import { hashOf } from '../../../core/hash.ts';
import { buildTaskDataset, type TaskDataset } from '../../../dataset/build-tasks.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { UNSEEN } from '../../../dataset/split/history-kinds.ts';
import { holdOutUsers } from '../../../dataset/split/kinds.ts';
import { historyFor, splitPairs, studentHistories } from '../../../dataset/split/split.ts';
import { pairsOf } from '../../../dataset/split/split-parts.ts';
import type { LearnedBefore } from '../../../dataset/split/take-out.ts';
import type { SplitTask } from '../../../dataset/task-histories.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { heldOutTypes, planFilter, readInstalled } from '../../run/plan-job.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { type HeldEverywhere, withoutHeld } from './held-everywhere.ts';
import { planTaskMeanings, specOfTask } from './plan.ts';

/** The pairs of all tasks as of one moment, each task's split by itself. */
export interface TasksData {
  dataset: TaskDataset;
  /** In the order of the tasks. */
  split: readonly SplitTask[];
}

/** The pairs that teachers and student learn from, [users, items] each. */
export interface LearnedPairs {
  /** The split of each task, in their order. */
  own: readonly Csr[];
  /** Histories of each task's users when their teacher is asked: where the validation pairs are history, more than it learned from. */
  known: readonly Csr[];
  /** Pairs of behaviours that only speak for the taste, or null. */
  context: Csr | null;
}

/** @throws problem('not-enough-data') for a task without any pair */
export async function readTasks(
  { store, spec, warn }: Pick<Run, 'store' | 'spec'> & Partial<Pick<Run, 'warn'>>,
  tasks: TasksSpec,
): Promise<TaskDataset & { hidden: Int32Array; weighting: Weighting }> {
  const plans = splitPlans(spec, tasks);
  const installed = await readInstalled(store.eventTypes);
  const { weighting, ...dataset } = await store.interactions.snapshot(async (source) => {
    const types = (await source.dictionary('types')).values();
    const { weighting: planned, warnings } = planTaskMeanings(spec, tasks, types, installed);
    for (const warning of warnings) warn?.(warning);
    const named = tasks.map((task, i) => ({
      ...{ name: task.name, types: task.types, heldOut: heldOutTypes(plans[i]!) },
    }));
    return { ...(await buildTaskDataset(source, planned, named, planFilter(spec))), weighting: planned };
  });
  const hidden = await readHidden(store, spec.model, dataset.items);
  if (hidden.length > 0) dataset.hash = hashOf(dataset.hash, [...hidden]);
  return { ...dataset, hidden, weighting };
}

/**
 * Splits the pairs of each task by themselves, and holds the same users out of all tasks.
 * @param learned what the versions that teach had learned from, by task
 */
export function splitTasks(
  spec: CompleteDistillation,
  tasks: TasksSpec,
  dataset: TaskDataset & { hidden: Int32Array },
  learned: readonly (LearnedBefore | undefined)[],
): SplitTask[] {
  const plans = splitPlans(spec, tasks);
  const { seed } = spec.distillation;
  const parts = holdOutUsers(
    dataset.tasks.map(({ name: _, seen: __, disliked: ___, ...pairs }, i) =>
      splitPairs(pairs, plans[i]!, seed, learned[i]),
    ),
    {
      users: dataset.users,
      unseenShare: spec.evaluation.unseenUsers ?? 0,
      context: dataset.context?.matrix ?? null,
    },
  );
  const { hidden } = dataset;
  return dataset.tasks.map(
    ({ name, seen, disliked, ...pairs }, i): SplitTask => ({
      name,
      pairs,
      unlisted: { seen, ...(disliked && { disliked }), ...(hidden.length > 0 && { hidden }) },
      split: parts[i]!,
    }),
  );
}

/** @throws problem('not-enough-data') for a task with nothing to train on or to test with */
export function refuseEmptyTasks(split: readonly SplitTask[]): void {
  for (const { name, split: own, unlisted } of split) {
    if (own.test.indices.length > 0 && own.train.indices.length > 0) {
      refuseEmptyTest(own, unlisted?.hidden);
      continue;
    }
    throw problem(
      'not-enough-data',
      `tasks: of ${name} the split leaves ${own.train.indices.length} pairs to train on and ${own.test.indices.length} to test with; both are needed (three pairs of a user where each user's are split)`,
    );
  }
}

export function splitPlans(spec: CompleteDistillation, tasks: TasksSpec) {
  return tasks.map((task) => specOfTask(spec, task).dataset.split);
}

/** The training parts, with which validation chooses: without the validation pairs, in any behaviour where the test is without its own. */
export function searchPairs({ dataset, split, held }: TasksData & { held: HeldEverywhere }): LearnedPairs {
  const context = contextOf({ dataset, split });
  return {
    own: split.map((task, i) => withoutHeld(task.split.train, held, i)),
    known: split.map((task) => historyFor(task.split, 'test')),
    context: context && withoutHeld(context, held),
  };
}

/** Pairs that are known before the test, for the distillation that is tested: the validation pairs too, but those of newer users. */
export function taughtPairs({ dataset, split }: TasksData): LearnedPairs {
  return {
    own: split.map((task) => studentHistories(task.split)),
    known: split.map((task) => historyFor(task.split, 'test')),
    context: contextOf({ dataset, split }),
  };
}

function contextOf({ dataset, split }: TasksData): Csr | null {
  const { kinds } = split[0]!.split;
  return dataset.context && pairsOf(dataset.context.matrix, (u) => kinds[u] !== UNSEEN);
}

/** All of them, for a refit. */
export function allPairs({ dataset, split }: TasksData): LearnedPairs {
  const own = split.map(({ pairs }) => pairs.matrix);
  return { own, known: own, context: dataset.context?.matrix ?? null };
}
