import type { DataSize } from '../../dataset/data-size.ts';
import { type CompleteDistillation, completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { lossOf } from '../../domain/losses/loss-spec.ts';
import { SINGLE_KINDS } from '../../domain/teachers/single.ts';
import { planSingle, type SingleSettings } from '../../teacher/registry.ts';
import type { AutoSettings } from '../../teacher/several/auto.ts';

export type TrainedPlan = SingleSettings | AutoSettings<SingleSettings>;

const KINDS_OF_AUTO = SINGLE_KINDS.flatMap(({ kind, layers, auto }) =>
  auto ? [{ kind, layers, ...auto }] : [],
).sort((a, b) => a.place - b.place);

/** Plans a teacher that the job trains; one that was made elsewhere has a plan of its own. */
export function planTeacher(spec: DistillationSpec, size: DataSize): TrainedPlan {
  const { teacher } = completeDistillation(spec);
  if (teacher.kind !== 'auto') return planSingle(teacher, size);
  if (needsLayers(spec)) return planSingle({ kind: KINDS_OF_AUTO.find(({ layers }) => layers)!.kind }, size);
  // Of different kinds, so that their average can be better than each.
  return {
    kind: 'auto',
    candidates: KINDS_OF_AUTO.filter(({ fits }) => fits(size)).map(({ kind }) => planSingle({ kind }, size)),
  };
}

/** Says which teachers `auto` does not try for want of memory. */
export function memoryWarnings(
  { teacher: { kind } }: CompleteDistillation,
  { memoryMiB, ...size }: DataSize,
): string[] {
  if (kind !== 'auto' || memoryMiB === undefined) return [];
  const left = KINDS_OF_AUTO.filter(({ fits }) => fits(size) && !fits({ ...size, memoryMiB }));
  return left.map(
    ({ kind: one }) =>
      `auto did not try ${one}: for ${size.users} users and ${size.items} items it does not fit the ${Math.floor(memoryMiB)} MiB that this trainer may take for a teacher; raise maxRssMiB of the job, or TRAINER_MEMORY_MIB`,
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
