import { problem } from '../../../core/errors.ts';
import { hashOf } from '../../../core/hash.ts';
import { buildTaskDataset, type TaskDataset } from '../../../dataset/build-tasks.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { historyFor, splitPairs } from '../../../dataset/split/split.ts';
import type { SplitTask } from '../../../dataset/task-histories.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import { readHidden } from '../../run/hidden-items.ts';
import { heldOutTypes, planFilter } from '../../run/plan-job.ts';
import { refuseEmptyTest } from '../../run/refuse-empty-test.ts';
import type { Run } from '../../run/run.ts';
import { planTaskWeighting, specOfTask } from './plan.ts';

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

/** @throws problem('not-enough-data') for a task with nothing to train on or to test with */
export async function readTasks(
  { store, rng, spec }: Pick<Run, 'store' | 'rng' | 'spec'>,
  tasks: TasksSpec,
): Promise<TasksData> {
  const plans = splitPlans(spec, tasks);
  const dataset = await store.interactions.snapshot((source) =>
    buildTaskDataset(
      source,
      planTaskWeighting(spec, tasks),
      tasks.map(({ name, types }, i) => ({ name, types, heldOut: heldOutTypes(plans[i]!) })),
      planFilter(spec),
    ),
  );
  const hidden = await readHidden(store, spec.model, dataset.items);
  if (hidden.length > 0) dataset.hash = hashOf(dataset.hash, [...hidden]);
  const split = dataset.tasks.map(
    ({ name, seen, ...pairs }, i): SplitTask => ({
      name,
      pairs,
      unlisted: { seen, ...(hidden.length > 0 && { hidden }) },
      split: splitPairs(pairs, plans[i]!, rng.fork(`split-${name}`)),
    }),
  );
  for (const { name, split: own } of split) {
    if (own.test.indices.length > 0 && own.train.indices.length > 0) {
      refuseEmptyTest(own, hidden);
      continue;
    }
    throw problem(
      'not-enough-data',
      `tasks: of ${name} the split leaves ${own.train.indices.length} pairs to train on and ${own.test.indices.length} to test with; both are needed (three pairs of a user where each user's are split)`,
    );
  }
  return { dataset, split };
}

export function splitPlans(spec: CompleteDistillation, tasks: TasksSpec) {
  return tasks.map((task) => specOfTask(spec, task).dataset.split);
}

/** The training parts, for the distillation that is tested. */
export function trainingPairs({ dataset, split }: TasksData): LearnedPairs {
  return {
    own: split.map((task) => task.split.train),
    known: split.map((task) => historyFor(task.split, 'test')),
    context: dataset.context?.matrix ?? null,
  };
}

/** All of them, for a refit. */
export function allPairs({ dataset, split }: TasksData): LearnedPairs {
  const own = split.map(({ pairs }) => pairs.matrix);
  return { own, known: own, context: dataset.context?.matrix ?? null };
}
