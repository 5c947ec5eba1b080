import { storedSpec } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

/** The first part of a job that side inputs cannot go with, named by its field, or null. */
export function featuresProblem(spec: DistillationSpec): string | null {
  const { features, evaluation } = spec;
  if (!features) {
    const { task, tasks } = spec;
    if (!evaluation?.coldItems) return null;
    if (storedSpec(spec.teacher))
      return 'evaluation.coldItems holds out items that a stored teacher may have learned; leave it out, or train a teacher';
    if ((task ?? 'single-label') === 'single-label' && !tasks) return null;
    return `evaluation.coldItems holds out items for the task single-label alone; leave it out, or ${tasks ? 'tasks' : 'the task'}`;
  }
  return contentProblem(spec) ?? usesProblem(spec);
}

function contentProblem({ features }: DistillationSpec): string | null {
  const { items, users, hideItems, hideUsers, training } = features!;
  if (items === undefined && users === undefined) {
    return 'features must name fields of items or of users, such as {"items":true}';
  }
  if (items === undefined && hideItems !== undefined)
    return 'features.hideItems needs features.items; leave it out';
  if (users === undefined && hideUsers !== undefined)
    return 'features.hideUsers needs features.users; leave it out';
  if (training === false && (hideItems ?? hideUsers) !== undefined)
    return `features.${hideItems === undefined ? 'hideUsers' : 'hideItems'} is a part of training with features; leave it out, or features.training`;
  return null;
}

function usesProblem({ task, tasks, teacher, distillation }: DistillationSpec): string | null {
  const without = 'leave features out';
  if (task !== undefined && task !== 'single-label') {
    return `features do not enter the task ${task} yet; ${without}, or the task`;
  }
  if (tasks) return `features do not enter a student with several tasks yet; ${without}, or tasks`;
  if (storedSpec(teacher)) {
    return `features cannot be taken up by the successor of a stored version yet; ${without}, or train a teacher`;
  }
  if (distillation?.freeze) {
    return 'distillation.freeze holds rows of items still, which features add to; leave out one of the two';
  }
  return null;
}
