import { AppError } from '../../core/errors.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import { expandStudents, studentsProblem } from '../../domain/jobs/expand-students.ts';
import type { JobPlan, PlanProblem } from '../../domain/jobs/job-plan.ts';
import { problemField } from '../../domain/jobs/problem-field.ts';
import type { AppDeps } from '../deps.ts';
import { lookAtFeatures } from './look-at-features.ts';
import { nameTeachers } from './name-teacher.ts';
import { requireData, requireLabels } from './new-distillation.ts';
import { requireSource } from './require-source.ts';
import { requireWorkers } from './require-workers.ts';

type PlanDeps = Pick<AppDeps, 'store' | 'artifacts' | 'planner' | 'importDir' | 'importUrls'>;

/** Plans a request that was only asked about: what POST /jobs would refuse it for is a problem of the plan. */
export async function planRequest(deps: PlanDeps, requested: DistillationSpec): Promise<JobPlan> {
  const contradiction = studentsProblem(requested);
  if (contradiction) {
    return blankPlan(requested, [
      { field: problemField(contradiction), code: 'invalid-job', detail: `${contradiction}.` },
    ]);
  }
  const { store } = deps;
  const specs = expandStudents(requested).map(completeDistillation);
  const problems: PlanProblem[] = [];
  const attempt = async <T>(check: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      problems.push({ field: problemField(error.detail), code: error.code, detail: error.detail });
      return undefined;
    }
  };
  await attempt(() => requireData(store, specs));
  await attempt(() => requireLabels(store, specs));
  await attempt(() => requireWorkers(store, specs));
  const ofSource = (await attempt(async () => requireSource(deps, requested))) ?? [];
  const warnings = [...ofSource, ...((await attempt(() => lookAtFeatures(store, specs))) ?? [])];
  const named = await attempt(() => Promise.all(specs.map((spec) => nameTeachers(deps, spec))));
  if (requested.dataset?.source) return planOfFiles(requested, problems, warnings);
  const [plan] = await deps.planner.plan(requested, named ?? specs);
  const known = new Set(problems.map(({ code, field }) => `${code} ${field}`));
  const all = [...problems, ...plan!.problems.filter(({ code, field }) => !known.has(`${code} ${field}`))];
  return {
    ...plan!,
    runs: all.length === 0,
    warnings: [...new Set([...warnings, ...plan!.warnings])],
    problems: all,
  };
}

/** Plans nothing for a job whose interactions lie in files: those are read when it runs. */
function planOfFiles(
  requested: DistillationSpec,
  problems: PlanProblem[],
  warnings: readonly string[],
): JobPlan {
  const { expected, ...blank } = blankPlan(requested, problems);
  const why = 'Nothing is estimated of a job with dataset.source: its files are read when it runs.';
  return {
    ...blank,
    ...{ runs: problems.length === 0, warnings: [...warnings, why] },
    expected: { ...expected, basis: why },
  };
}

/** The plan of a request that contradicts itself: nothing else can be said of it. */
function blankPlan(requested: DistillationSpec, problems: PlanProblem[]): JobPlan {
  return {
    ...{ runs: false, spec: requested, settings: null, defaults: [], data: null, students: [], warnings: [] },
    expected: {
      ...{ seconds: null, isRough: true, stages: [], plannedSeconds: null, pace: 1, measuredOn: [] },
      ...{ memoryMiB: null, basis: 'Nothing is estimated of a job that has problems.' },
    },
    problems,
  };
}
