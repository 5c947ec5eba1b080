import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { learnsSets } from '../../domain/tasks/labels-spec.ts';
import type { Task } from '../task.ts';
import { labels } from './labels/task.ts';
import { ranking } from './ranking/task.ts';
import { rating } from './rating/task.ts';
import { severalTasks } from './several/task.ts';

/** The task of a job. */
export function taskOf(spec: CompleteDistillation): Task {
  if (spec.tasks) return severalTasks;
  if (spec.task === 'multi-label' && !learnsSets(spec)) return labels;
  if (spec.task === 'rating') return rating;
  return ranking;
}
