import { CODE_VERSION } from '../core/version.ts';
import type { Report } from '../domain/reports/report.ts';
import type { ServedReport } from '../domain/reports/served-report.ts';
import type { BackendReport } from '../tensor/engine.ts';
import type { Run } from './run/run.ts';

/** The part of a report that is the same for all tasks. */
export type ReportHead = Pick<
  Report,
  'model' | 'createdAt' | 'served' | 'settings' | 'seed' | 'backend' | 'codeVersion' | 'seconds' | 'warnings'
>;

/** A task's own part of the report. */
export interface ReportBody {
  data: { hash: string; split: string };
  /** The plan, with what training chose where the plan left it open. */
  settings: object;
}

export function writeReport<B extends ReportBody>(run: Run, body: B, served: ServedReport): B & ReportHead {
  const { spec, engine, seconds, warnings } = run;
  return {
    model: spec.model,
    createdAt: new Date().toISOString(),
    ...body,
    served,
    settings: { ...body.settings, refit: served.weights === 'refitted' },
    seed: spec.distillation.seed,
    backend: { ...engine.report },
    codeVersion: CODE_VERSION,
    seconds: { ...seconds },
    warnings: [...warnings],
  };
}

export function backendWarnings({ name, deterministic }: BackendReport): string[] {
  return deterministic ? [] : [`The ${name} backend does not promise the same bytes for the same seed`];
}

/** A warning of a student that saves no space. */
export function compressionWarnings(
  { teacherBytes, studentBytes }: { teacherBytes: number; studentBytes: number },
  teachers = 1,
): string[] {
  if (studentBytes < teacherBytes) return [];
  const [their, larger] =
    teachers === 1 ? ['teacher', 'a larger teacher'] : ['teachers together', 'larger teachers'];
  return [
    `The student (${studentBytes} bytes) is not smaller than its ${their} (${teacherBytes} bytes): lower student.dimensions or take ${larger}`,
  ];
}
