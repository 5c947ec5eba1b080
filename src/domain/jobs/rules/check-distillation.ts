import { parseTimestamp } from '../../base/timestamp.ts';
import { splitProblem } from '../../tasks/split-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { featuresProblem } from './check-features.ts';
import { gateProblem } from './check-gate.ts';
import { lossProblem } from './check-losses.ts';
import { renewedProblem } from './check-renewed.ts';
import { studentProblem } from './check-student.ts';
import { taskProblem } from './check-task.ts';
import { tasksProblem } from './check-tasks.ts';
import { teacherProblem } from './check-teacher.ts';

/** First contradiction in a job that its schema cannot find, named by its field, or null. */
export function distillationProblem(spec: DistillationSpec): string | null {
  return (
    timeProblem(spec) ??
    taskProblem(spec) ??
    teacherProblem(spec) ??
    renewedProblem(spec) ??
    lossProblem(spec) ??
    studentProblem(spec) ??
    typesProblem(spec) ??
    periodProblem(spec) ??
    tasksProblem(spec) ??
    featuresProblem(spec) ??
    splitProblem(spec.dataset?.split) ??
    gateProblem(spec)
  );
}

function timeProblem({ notBefore }: DistillationSpec): string | null {
  if (notBefore === undefined || Number.isFinite(parseTimestamp(notBefore))) return null;
  return `notBefore must be a time that exists, such as 2026-03-02T03:00:00Z; got ${notBefore}`;
}

function typesProblem(spec: DistillationSpec): string | null {
  const types = spec.dataset?.types;
  if (!types || Object.values(types).some((rule) => rule.weight !== 0)) return null;
  return 'dataset.types must name at least one type with a weight > 0; leave it out to count every type';
}

function periodProblem({ dataset: { since, until } = {} }: DistillationSpec): string | null {
  for (const [field, time] of Object.entries({ since, until }))
    if (time !== undefined && Number.isNaN(parseTimestamp(time)))
      return `dataset.${field} must be a time such as 2026-02-01T00:00:00Z; got ${JSON.stringify(time)}`;
  if (since === undefined || until === undefined || parseTimestamp(since) < parseTimestamp(until))
    return null;
  return `dataset.since must be earlier than until; got ${since} and ${until}`;
}
