import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { PlannedDefault } from '../../domain/jobs/job-plan.ts';
import { MODEL_REASONS } from './model-reasons.ts';
import { OTHER_REASONS } from './other-reasons.ts';
import type { Planned } from './reason.ts';

/** Reasons for everything that the request leaves open. @param requested as it was posted */
export function explainDefaults(requested: DistillationSpec, planned: Planned): PlannedDefault[] {
  return [...MODEL_REASONS, ...OTHER_REASONS].flatMap(({ field, tell }) => {
    if (isNamed(requested, field)) return [];
    const told = tell(planned);
    return told ? [{ field, ...told }] : [];
  });
}

/** True where the request has a value at the path, or one above it that is no object. */
function isNamed(requested: DistillationSpec, field: string): boolean {
  let at: unknown = requested;
  for (const name of field.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return at !== undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at !== undefined;
}
