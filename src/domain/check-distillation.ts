import { lossProblem } from './check-losses.ts';
import { studentProblem } from './check-student.ts';
import type { DistillationSpec } from './distillation-spec.ts';
import { splitProblem } from './split-spec.ts';

/** What a schema cannot say: the first contradiction in a job, named by its field, or null. */
export function distillationProblem(spec: DistillationSpec): string | null {
  return lossProblem(spec) ?? studentProblem(spec) ?? typesProblem(spec) ?? splitProblem(spec.dataset?.split);
}

function typesProblem(spec: DistillationSpec): string | null {
  const types = spec.dataset?.types;
  if (!types || Object.values(types).some((rule) => rule.weight !== 0)) return null;
  return 'dataset.types must name at least one type with a weight > 0; leave it out to count every type';
}
