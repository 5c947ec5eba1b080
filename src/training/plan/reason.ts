import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { PlannedDefault } from '../../domain/jobs/job-plan.ts';
import type { ReadData } from './read-data.ts';
import type { PlannedSettings } from './settings.ts';

/** All that a reason may follow from. */
export interface Planned {
  spec: CompleteDistillation;
  /** Undefined where the data could not be read. */
  data: ReadData | undefined;
  planned: PlannedSettings | undefined;
}

export type Told = Omit<PlannedDefault, 'field'>;

/** A setting that a job may leave open, with the reason for its value. */
export interface Reason {
  field: string;
  /** Undefined where the job has no such setting. */
  tell(planned: Planned): Told | undefined;
}

export const byRule = (value: unknown, why: string): Told => ({
  value: value ?? null,
  why,
  decidedBy: 'rule',
});
export const byData = (value: unknown, why: string): Told => ({
  value: value ?? null,
  why,
  decidedBy: 'data',
});

/** Reads `student.dimensions` and the like of what was planned. */
export function plannedAt({ planned }: Planned, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], planned?.settings);
}

/** A setting of the plan that follows from the size of the data; no such setting, no reason. */
export const sized =
  (path: string, why: string): Reason['tell'] =>
  (all) => {
    if (!all.planned) return byData(null, `${why} The data could not be read for this plan.`);
    const value = plannedAt(all, path);
    return value === undefined ? undefined : byData(value, why);
  };

/** A setting of fold-in students that rank items. */
export function ofSums(tell: Reason['tell']): Reason['tell'] {
  return (all) => {
    const { task, student } = all.spec;
    return student.kind === 'fold-in' && task === 'single-label' ? tell(all) : undefined;
  };
}

/** A setting that validation chooses with the way to make the student, where that is open. */
export function tellChoice(path: string, absent: unknown, why: string): Reason['tell'] {
  return (all) => {
    const { planned } = all;
    if (!planned) return byData(null, `${why} The data could not be read for this plan.`);
    const value = plannedAt(all, path) ?? absent;
    if (value === undefined) return undefined;
    const { candidates } = planned;
    return candidates.length > 1
      ? {
          value,
          why: `${why} Chosen on validation among ${candidates.join('; ')}.`,
          decidedBy: 'validation',
          choices: candidates,
        }
      : byData(value, why);
  };
}
