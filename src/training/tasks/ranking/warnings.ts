import type { BackendReport } from '../../../tensor/engine.ts';
import type { StoredTeacher } from '../../teachers/stored-teacher.ts';
import type { TrainingSettings } from './plan.ts';

interface Facts {
  teacherBytes: number;
  studentBytes: number;
  backend: BackendReport;
  /** Versions that teach. */
  stored?: readonly StoredTeacher[];
}

/** What is allowed but should not go unnoticed; shown with the job and in the report. */
export function warningsOf(
  settings: TrainingSettings,
  { teacherBytes, studentBytes, backend, stored = [] }: Facts,
): string[] {
  const warnings: string[] = [];
  const { dimensions } = settings.student;
  for (const { settings, refitted } of stored) {
    if (!refitted) continue;
    const { model, version } = settings;
    warnings.push(
      `Version ${version} of ${model} was refitted on all data of its time: pairs that are held out here and are as old may have taught it, so that figures of teacher, student and previous are too good; a split in time leaves none of them`,
    );
  }
  // Lists are not a model: their size says nothing. A successor is as large as the student before.
  const { teacher } = settings;
  const isModel = teacher.kind !== 'external' && !('part' in teacher && teacher.part === 'student');
  if (studentBytes >= teacherBytes && isModel) {
    warnings.push(
      `The student (${studentBytes} bytes) is not smaller than its teacher (${teacherBytes} bytes): lower student.dimensions or take a larger teacher`,
    );
  }
  const width = teacher.kind === 'softmax' ? Math.min(...teacher.hidden) : Number.POSITIVE_INFINITY;
  if (settings.distillation.transfer === 'svd' && dimensions > width) {
    warnings.push(
      `student.dimensions ${dimensions} exceeds the teacher's narrowest layer ${width}: the other ${dimensions - width} dimensions started from random numbers`,
    );
  }
  return [...warnings, ...backendWarnings(backend)];
}

export function backendWarnings({ name, deterministic }: BackendReport): string[] {
  return deterministic ? [] : [`The ${name} backend does not promise the same bytes for the same seed`];
}
