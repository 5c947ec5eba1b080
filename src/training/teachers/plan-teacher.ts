import type { DataSize } from '../../dataset/data-size.ts';
import { type CompleteDistillation, completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { lossOf } from '../../domain/losses/loss-spec.ts';
import { planSingle, type SingleSettings } from '../../teacher/registry.ts';
import type { AutoSettings } from '../../teacher/several/auto.ts';
import { planAuto } from './plan-auto.ts';

export type TrainedPlan = SingleSettings | AutoSettings<SingleSettings>;

/** Plans a teacher that the job trains; one that was made elsewhere has a plan of its own. */
export function planTeacher(spec: DistillationSpec, size: DataSize): TrainedPlan {
  const { teacher } = completeDistillation(spec);
  if (teacher.kind !== 'auto') return planSingle(teacher, size);
  // A network is the one of the kinds that auto tries whose layers students learn from.
  const network = spec.task === 'sequential' ? 'sasrec' : 'softmax';
  return needsLayers(spec) ? planSingle({ kind: network }, size) : planAuto(teacher, size, spec.task);
}

/** Says which teachers `auto` does not try for want of memory. */
export function memoryWarnings({ teacher, task }: CompleteDistillation, size: DataSize): string[] {
  if (teacher.kind !== 'auto') return [];
  return planAuto(teacher, size, task).leftOut.flatMap(({ kind, memoryMiB }) =>
    memoryMiB === undefined
      ? []
      : `auto did not try ${kind}: for ${size.users} users and ${size.items} items it takes ${memoryMiB} MiB, which does not fit the ${Math.floor(size.memoryMiB!)} MiB that this trainer may take for a teacher; raise maxRssMiB of the job, or TRAINER_MEMORY_MIB`,
  );
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
