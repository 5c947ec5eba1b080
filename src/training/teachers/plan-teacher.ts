import type { DataSize } from '../../dataset/data-size.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { lossOf } from '../../domain/losses/loss-spec.ts';
import { SINGLE_KINDS } from '../../domain/teachers/single.ts';
import { planSingle, type SingleSettings } from '../../teacher/registry.ts';
import type { AutoSettings } from '../../teacher/several/auto.ts';

export type TrainedPlan = SingleSettings | AutoSettings<SingleSettings>;

/** Plans a teacher that the job trains; one that was made elsewhere has a plan of its own. */
export function planTeacher(spec: DistillationSpec, size: DataSize): TrainedPlan {
  const { teacher } = completeDistillation(spec);
  if (teacher.kind !== 'auto') return planSingle(teacher, size);
  const choice = SINGLE_KINDS.flatMap(({ kind, layers, auto }) => (auto ? [{ kind, layers, ...auto }] : []));
  choice.sort((a, b) => a.place - b.place);
  if (needsLayers(spec)) return planSingle({ kind: choice.find(({ layers }) => layers)!.kind }, size);
  // Of different kinds, so that their average can be better than each.
  return {
    kind: 'auto',
    candidates: choice.filter(({ fits }) => fits(size)).map(({ kind }) => planSingle({ kind }, size)),
  };
}

/** Returns true where the student learns from the teacher's layers, which not every teacher that auto may choose has. */
function needsLayers({ distillation }: DistillationSpec): boolean {
  const { losses = [], transfer } = distillation ?? {};
  return (
    losses.some(({ kind }) => lossOf(kind).learnsFrom === 'hiddenLayer') ||
    transfer === 'neurons' ||
    transfer === 'copy'
  );
}
