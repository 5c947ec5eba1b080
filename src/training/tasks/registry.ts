import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { Task } from '../task.ts';
import { ranking } from './ranking/task.ts';

/** The task of a job. */
export function taskOf(_spec: CompleteDistillation): Task {
  return ranking;
}
