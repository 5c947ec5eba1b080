import type { JobPlan } from '../../../domain/jobs/job-plan.ts';
import type { Body, Path } from './body.ts';
import type { FieldProblem } from './plan-notes.ts';
import type { FormField } from './schema.ts';

/** State that the inputs of a form share. */
export interface Form {
  body: Body;
  set: (path: Path, value: unknown) => void;
  plan: JobPlan | null;
  problems: readonly FieldProblem[];
}

/** Properties of the input of a field. */
export interface InputProps<F extends FormField = FormField> {
  field: F;
  path: Path;
  form: Form;
}
