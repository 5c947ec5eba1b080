import { compressionWarnings } from '../../report.ts';
import type { StoredTeacher } from '../../teachers/stored-teacher.ts';
import type { TrainingSettings } from './plan.ts';

/** Returns warnings of what is allowed but should not go unnoticed, as far as it is known before anything is trained. */
export function planWarnings(
  { teacher, student: { dimensions }, distillation }: TrainingSettings,
  stored: readonly StoredTeacher[],
): string[] {
  const warnings = storedWarnings(stored);
  const width = teacher.kind === 'softmax' ? Math.min(...teacher.hidden) : Number.POSITIVE_INFINITY;
  if (distillation.transfer === 'svd' && dimensions > width) {
    warnings.push(
      `student.dimensions ${dimensions} exceeds the teacher's narrowest layer ${width}: the other ${dimensions - width} dimensions started from random numbers`,
    );
  }
  return warnings;
}

/** A warning of each version that may have seen the pairs that are held out here. */
export function storedWarnings(stored: readonly StoredTeacher[]): string[] {
  const refitted = stored.filter((one) => one.refitted).map(({ settings }) => settings);
  const versions = new Set(refitted.map(({ model, version }) => `Version ${version} of ${model}`));
  return [...versions].map(
    (version) =>
      `${version} was refitted on all data of its time: pairs that are held out here and are as old may have taught it, so that figures of teacher, student and previous are too good; a split in time leaves none of them`,
  );
}

/** A warning of a student that saves no space. Of lists the size says nothing, and a successor is as large as the student before. */
export function sizeWarnings(
  taught: readonly Pick<TrainingSettings, 'teacher'>[],
  sizes: Parameters<typeof compressionWarnings>[0],
): string[] {
  const areModels = taught.every(
    ({ teacher }) => teacher.kind !== 'external' && !('part' in teacher && teacher.part === 'student'),
  );
  return areModels ? compressionWarnings(sizes, taught.length) : [];
}
