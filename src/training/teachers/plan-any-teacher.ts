import type { DataSize } from '../../dataset/data-size.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { completeTeacher } from '../../domain/teachers/teacher-spec.ts';
import { type ExternalSettings, planExternal } from '../../teacher/kinds/external.ts';
import type { Combining } from '../../teacher/several/combine.ts';
import type { FoundTeacher } from './find-teacher.ts';
import { planTeacher, type TrainedPlan } from './plan-teacher.ts';
import type { StoredSettings } from './stored-teacher.ts';

export type SinglePlan = TrainedPlan | ExternalSettings | StoredSettings;

/** Several teachers of one task. */
export interface EnsemblePlan extends Combining {
  kind: 'ensemble';
  /** One for each member, or what chooses them. */
  weights: number[] | 'validation';
  members: SinglePlan[];
}

/** The teacher of a task with nothing left open: trained, imported, stored, or several of these. */
export type TeacherPlan = SinglePlan | EnsemblePlan;

export function isEnsemble(settings: TeacherPlan): settings is EnsemblePlan {
  return settings.kind === 'ensemble';
}

/** @param found teachers that no job trains */
export function planAnyTeacher(
  spec: CompleteDistillation,
  size: DataSize,
  found: Pick<FoundTeacher, 'stored' | 'members'> = {},
): TeacherPlan {
  const { teacher } = spec;
  if (teacher.kind !== 'ensemble') return planOne(spec, size, found);
  const { members, combine, weights, temperature = 1, constant = 60 } = teacher;
  return {
    kind: 'ensemble',
    combine,
    temperature,
    constant,
    weights: weights === 'validation' ? weights : members.map(({ weight = 1 }) => weight),
    members: members.map(({ weight: _, ...member }, i) =>
      planOne({ ...spec, teacher: completeTeacher(member) }, size, found.members?.[i]),
    ),
  };
}

function planOne(
  spec: CompleteDistillation,
  size: DataSize,
  { stored }: Pick<FoundTeacher, 'stored'> = {},
): SinglePlan {
  const { teacher } = spec;
  return stored?.settings ?? (teacher.kind === 'external' ? planExternal(teacher) : planTeacher(spec, size));
}
