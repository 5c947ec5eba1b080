import { lossOf } from '../../losses/loss-spec.ts';
import { splitProblem } from '../../tasks/split-spec.ts';
import type { TasksSpec } from '../../tasks/tasks-spec.ts';
import { originOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { taskProblem } from './check-task.ts';
import { teacherProblem } from './check-teacher.ts';

/** The first contradiction in a job's tasks, named by its field, or null. */
export function tasksProblem(spec: DistillationSpec): string | null {
  const { tasks } = spec;
  if (!tasks) {
    const field = (['taskBalance', 'taskTargets'] as const).find(
      (name) => spec.distillation?.[name] !== undefined,
    );
    return field ? `distillation.${field} only applies with tasks; leave it out` : null;
  }
  return namesProblem(tasks) ?? weightsProblem(tasks) ?? partsProblem(spec, tasks) ?? restProblem(spec);
}

function namesProblem(tasks: TasksSpec): string | null {
  const names = tasks.map(({ name }) => name);
  const repeated = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (repeated < 0) return null;
  return `tasks[${repeated}].name ${names[repeated]} is there twice; every task needs a name of its own`;
}

function weightsProblem(tasks: TasksSpec): string | null {
  if (tasks.some(({ weight }) => weight === undefined || weight > 0)) return null;
  return 'tasks must have a weight > 0 in at least one task; their weights sum to zero';
}

function partsProblem(spec: DistillationSpec, tasks: TasksSpec): string | null {
  for (const [i, { teacher, reads, split }] of tasks.entries()) {
    const own = { model: spec.model, teacher, tasks };
    const wrong = taskProblem(own) ?? teacherProblem(own) ?? splitProblem(split);
    const teaches = teacher ?? spec.teacher;
    if (reads === 'all' && teaches && ['imported', 'stored'].includes(originOf(teaches))) {
      return `tasks[${i}].reads all is for a teacher that the job trains; leave it out for one that is imported or stored`;
    }
    if (wrong) return `tasks[${i}].${wrong.replace(/^dataset\./, '')}`;
  }
  return null;
}

function restProblem({ dataset, distillation, task }: DistillationSpec): string | null {
  if (task !== undefined && task !== 'single-label')
    return `task ${task} does not go with tasks; leave one out`;
  const hidden = (distillation?.losses ?? []).findIndex(
    ({ kind }) => lossOf(kind).learnsFrom === 'hiddenLayer',
  );
  if (hidden >= 0) {
    const { kind } = distillation!.losses![hidden]!;
    return `distillation.losses[${hidden}].kind ${kind} compares the hidden layers of one teacher; with tasks use losses on scores, such as rankLabels, softLabels and hardLabels`;
  }
  if (distillation?.transfer !== undefined && !['svd', 'none'].includes(distillation.transfer)) {
    return `distillation.transfer ${distillation.transfer} takes the layers of one teacher; with tasks use svd or none`;
  }
  if (dataset?.minInteractions) return 'dataset.minInteractions does not go with tasks; leave it out';
  return null;
}
