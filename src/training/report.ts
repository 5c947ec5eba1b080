import { CODE_VERSION } from '../core/version.ts';
import { REPORT_FORMAT, type Report } from '../domain/reports/report.ts';
import type { ServedReport } from '../domain/reports/served-report.ts';
import { headlineOf } from '../evaluation/verdict/headline.ts';
import { reportWarnings } from '../evaluation/verdict/report-warnings.ts';
import { verdictOf } from '../evaluation/verdict/verdict.ts';
import type { BackendReport } from '../tensor/engine.ts';
import type { Run } from './run/run.ts';

/** The part of a report that a task writes; the rest is the same for all tasks. */
export interface ReportBody
  extends Pick<Report, 'models' | 'comparison' | 'data' | 'protocol'>,
    Partial<
      Pick<
        Report,
        | 'histories'
        | 'seeds'
        | 'tasks'
        | 'oneForAll'
        | 'labels'
        | 'sets'
        | 'examples'
        | 'scale'
        | 'teacherCoverage'
        | 'transfer'
        | 'ensemble'
        | 'newItems'
        | 'studentBeforeTraining'
      >
    > {
  /** Name of the metric that the headline and the verdict are about. */
  headlineMetric: string;
  /** The plan, with what training chose where the plan left it open. */
  settings: object;
}

/** Writes the report of a job, with the verdict and the warnings that follow from its figures. */
export function writeReport(run: Run, { headlineMetric, ...body }: ReportBody, served: ServedReport): Report {
  const { spec, engine, seconds, curves } = run;
  const live = run.live.report();
  const measured = { histories: [], studentBeforeTraining: null, ...body };
  const headline = headlineOf(measured, headlineMetric);
  for (const warning of reportWarnings(measured, headlineMetric)) run.warn(warning);
  return {
    format: REPORT_FORMAT,
    model: spec.model,
    task: spec.task,
    createdAt: new Date().toISOString(),
    verdict: verdictOf(measured, headlineMetric),
    ...(headline && { headline }),
    ...measured,
    curves: [...curves()],
    served,
    ...(live && { live }),
    settings: { ...body.settings, refit: served.weights === 'refitted' },
    seed: spec.distillation.seed,
    backend: { ...engine.report },
    codeVersion: CODE_VERSION,
    seconds: { ...seconds },
    warnings: [...run.warnings],
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
