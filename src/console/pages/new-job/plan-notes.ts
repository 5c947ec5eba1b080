import type { JobPlan, PlannedDefault } from '../../../domain/jobs/job-plan.ts';
import { type Path, pathText, shownText, valueAt } from './body.ts';

/** Something that is wrong with the job; `field` as the API writes it, null where it is about no field. */
export interface FieldProblem {
  field: string | null;
  detail: string;
}

/** Problems of a body that its schema does not allow: each sentence begins with its field. */
export function problemsOfErrors(errors: readonly string[]): FieldProblem[] {
  return errors.map((detail) => ({ field: /^([a-zA-Z][\w.[\]-]*) /.exec(detail)?.[1] ?? null, detail }));
}

/** Problems of a field itself. */
export function problemsAt(problems: readonly FieldProblem[], path: Path): FieldProblem[] {
  const field = pathText(path);
  return problems.filter((one) => one.field === field);
}

/** Problems of a field or of anything within it. */
export function problemsWithin(problems: readonly FieldProblem[], path: Path): FieldProblem[] {
  const field = pathText(path);
  return problems.filter(
    (one) =>
      one.field === field || (one.field?.startsWith(field) && /^[.[]/.test(one.field.slice(field.length))),
  );
}

export interface DefaultNote {
  /** The value that the job takes where the field is left open. */
  text: string;
  why: string;
  /** Who decided it, in words. */
  by: string;
}

const DECIDERS: Record<PlannedDefault['decidedBy'], string> = {
  rule: 'always so',
  data: 'by the data',
  validation: 'by validation',
  installation: 'declared here',
};

const MOST_SIGNS = 60;

/** The default that a plan takes for a field that is left open; null where it says nothing of it. */
export function defaultAt(plan: JobPlan | null, path: Path): DefaultNote | null {
  const field = pathText(path);
  const named = plan?.defaults.find((one) => one.field === field);
  if (named) {
    const { value, why, decidedBy, choices } = named;
    const of = choices && value === null ? `one of ${choices.length}` : shortText(value);
    return { text: of, why, by: DECIDERS[decidedBy] };
  }
  const settled = valueAt(plan?.settings, path) ?? valueAt(plan?.spec, path);
  if (settled === undefined || settled === null) return null;
  return { text: shortText(settled), why: '', by: '' };
}

function shortText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const kind =
    (value as { kind?: unknown; strategy?: unknown }).kind ?? (value as { strategy?: unknown }).strategy;
  if (typeof kind === 'string') return kind;
  const text = shownText(value);
  return text.length > MOST_SIGNS ? `${text.slice(0, MOST_SIGNS - 1)}…` : text;
}
