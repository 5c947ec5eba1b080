import { learnsSets } from '../../tasks/labels-spec.ts';
import { storedSpec } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

const ALONE = 'teacher.part renewed goes on from a version that ranks items for one task';

/** The first contradiction in a job that goes on from the version before, named by its field, or null. */
export function renewedProblem(spec: DistillationSpec): string | null {
  const { teacher, task = 'single-label', tasks, features, distillation } = spec;
  const members = teacher?.kind === 'ensemble' ? teacher.members : [];
  const member = members.findIndex((one) => storedSpec(one)?.part === 'renewed');
  if (member >= 0) {
    return `teacher.members[${member}].part renewed is for a job's only teacher, whose members it takes over; use part teacher for a member`;
  }
  const own = (tasks ?? []).findIndex((one) => storedSpec(one.teacher)?.part === 'renewed');
  if (own >= 0) return `tasks[${own}].teacher.part: ${ALONE}; use part teacher`;
  if (storedSpec(teacher)?.part !== 'renewed') return null;
  if (tasks || task !== 'single-label' || learnsSets(spec)) {
    const field = tasks ? 'tasks' : learnsSets(spec) ? 'labels' : `task ${task}`;
    return `${ALONE}, and this job has ${field}; use part teacher or student`;
  }
  if (features) return `${ALONE} without features; leave out features, or use part teacher`;
  const taken = (['transfer', 'losses', 'thinned', 'freeze'] as const).find(
    (name) => distillation?.[name] !== undefined,
  );
  if (!taken) return null;
  return `distillation.${taken} does not go with teacher.part renewed, whose student starts from the published one and is taught as that was; leave it out, or use part teacher`;
}
