import type { BackendReport } from '../tensor/engine.ts';
import type { TrainingSettings } from './plan.ts';

interface Facts {
  teacherBytes: number;
  studentBytes: number;
  backend: BackendReport;
}

/** What is allowed but should not go unnoticed; shown with the job and in the report. */
export function warningsOf(
  settings: TrainingSettings,
  { teacherBytes, studentBytes, backend }: Facts,
): string[] {
  const warnings: string[] = [];
  const { dimensions } = settings.student;
  // Lists are not a model: their size says nothing.
  if (studentBytes >= teacherBytes && settings.teacher.kind !== 'external') {
    warnings.push(
      `The student (${studentBytes} bytes) is not smaller than its teacher (${teacherBytes} bytes): lower student.dimensions or take a larger teacher`,
    );
  }
  const { teacher } = settings;
  const width = teacher.kind === 'softmax' ? Math.min(...teacher.hidden) : Number.POSITIVE_INFINITY;
  if (settings.distillation.transfer === 'svd' && dimensions > width) {
    warnings.push(
      `student.dimensions ${dimensions} exceeds the teacher's narrowest layer ${width}: the other ${dimensions - width} dimensions started from random numbers`,
    );
  }
  if (!backend.deterministic) {
    warnings.push(`The ${backend.name} backend does not promise the same bytes for the same seed`);
  }
  return warnings;
}
