import { type TeacherKindName, traitsOf } from '../teachers/teacher-spec.ts';
import { type CompleteLoss, type LossSpec, lossOf } from './loss-spec.ts';

/** @param teacher of whose scores soft labels are made; left out, they are taken for logits */
export function completeLoss(loss: LossSpec, teacher?: TeacherKindName): CompleteLoss {
  const { defaults, forTeacher } = lossOf(loss.kind);
  const hasOtherScores = teacher !== undefined && traitsOf({ kind: teacher }).scores === 'scores';
  return { ...defaults, ...(hasOtherScores && forTeacher?.(loss)), ...loss } as CompleteLoss;
}
