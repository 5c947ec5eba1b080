import type { ArtifactStore } from '../../artifact/store/store.ts';
import { AppError, messageOf } from '../../core/errors.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { JobPlan, PlannedJob, PlanProblem } from '../../domain/jobs/job-plan.ts';
import { problemField } from '../../domain/jobs/problem-field.ts';
import type { InteractionCounts } from '../../store/data/contract.ts';
import type { Store } from '../../store/store.ts';
import { readInstalled } from '../run/plan-job.ts';
import { type Counted, checkColumns, checkRows, dataCheck } from './check-data.ts';
import { expectedCost, unknownCost } from './cost.ts';
import { explainDefaults } from './explain.ts';
import { namedTeachers } from './found-teachers.ts';
import { type ReadData, readDataOf } from './read-data.ts';
import { memoryOfTeachers, type PlannedSettings, planSettings } from './settings.ts';

/** Rows that a plan reads at most: some seconds, in a thread of its own. */
const MOST_ROWS = 500_000;

export interface PlanSources {
  store: Pick<Store, 'interactions' | 'eventTypes' | 'models' | 'jobs'>;
  artifacts: Pick<ArtifactStore, 'get'>;
  /** Memory that a trainer may take here. */
  memoryMiB?: number | undefined;
}

export interface PlanRequest {
  /** As it was posted. */
  requested: DistillationSpec;
  /** One per student, the first first. */
  specs: readonly CompleteDistillation[];
}

/** Plans the jobs of a request over the data as they are now, reading a part of them where they are many. */
export async function makePlans(
  { store, artifacts, memoryMiB }: PlanSources,
  { requested, specs }: PlanRequest,
  mostRows = MOST_ROWS,
): Promise<JobPlan[]> {
  const [first] = specs as [CompleteDistillation];
  const installed = await readInstalled(store.eventTypes);
  const earlier = await store.jobs.planned(50);
  const warnings = new Set<string>();
  const found = await attempt(() => namedTeachers(first, { models: store.models, artifacts }));
  const read = await store.interactions.sample(mostRows, async (source, counts) => {
    const rows = await checkRows(source);
    const data = await attempt(() => readDataOf(first, source, installed, (one) => warnings.add(one)));
    const counted: Counted = {
      ...{ rows: counts.isWhole ? rows.rows : counts.rows, read: rows, isWhole: counts.isWhole },
      columns: await checkColumns(source),
    };
    return { counted, data, scaled: 'value' in data ? scaledUp(data.value, counts, rows) : undefined };
  });
  const { counted, scaled } = read;
  const readProblems = [found, read.data].flatMap((one) => ('problem' in one ? [one.problem] : []));
  const size = scaled ?? { users: 0, items: 0, allPairs: 0, pairs: null, testPairs: null };
  const check = dataCheck(first, counted, size, { weighting: scaled?.weighting, installed });
  const each = specs.map((spec, place): Planned => {
    const memory = spec.maxRssMiB ?? memoryMiB;
    const planned =
      scaled && 'value' in found
        ? attemptNow(() => planSettings(spec, scaled, found.value, memory))
        : undefined;
    const settings = planned && 'value' in planned ? planned.value : undefined;
    const problems = [...readProblems, ...(planned && 'problem' in planned ? [planned.problem] : [])];
    const plan: JobPlan = {
      runs: problems.length === 0,
      spec,
      settings: settings?.settings ?? null,
      defaults: explainDefaults(withStudent(requested, spec), { spec, data: scaled, planned: settings }),
      expected: costOf(spec, settings, scaled, { counted, earlier, isFollower: place > 0 }),
      data: check,
      students: [],
      warnings: [...warnings, ...(settings?.warnings ?? [])],
      problems,
    };
    return { plan, settings };
  });
  return withStudents(each);
}

interface Planned {
  plan: JobPlan;
  settings: PlannedSettings | undefined;
}

/** The request as it is for one of several students, whose options the list or the search names. */
function withStudent(requested: DistillationSpec, { student }: CompleteDistillation): DistillationSpec {
  const { students, search, ...rest } = requested;
  return students || search ? { ...rest, student } : requested;
}

interface Known {
  counted: Counted;
  earlier: readonly PlannedJob[];
  isFollower: boolean;
}

function costOf(
  spec: CompleteDistillation,
  settings: PlannedSettings | undefined,
  data: ReadData | undefined,
  { counted, earlier, isFollower }: Known,
): JobPlan['expected'] {
  if (!settings || !data) return unknownCost('Nothing is estimated of a job that has problems.');
  if (spec.teacher.kind === 'stored' && spec.teacher.part === 'renewed') {
    return unknownCost(
      'A version that is renewed takes a fraction of what its first job took; how much follows from how the data has changed, which its trainer finds out.',
    );
  }
  const teacherMiB = memoryOfTeachers(settings.teachers, data);
  return expectedCost(
    spec,
    { stages: settings.stages, size: data, rows: counted.rows, teacherMiB, isFollower },
    earlier,
  );
}

/** The plans, of which the first tells of all students where there are several. */
function withStudents(each: readonly Planned[]): JobPlan[] {
  const [first, ...others] = each.map(({ plan }) => plan) as [JobPlan, ...JobPlan[]];
  if (others.length === 0) return [first];
  const students = each.map(({ plan, settings }, i) => ({
    ...{ place: i + 1, student: plan.spec.student! },
    ...{ dimensions: settings?.dimensions ?? null, bytes: settings?.bytes ?? null },
    seconds: plan.expected.seconds,
  }));
  const details = new Set(first.problems.map(({ detail }) => detail));
  const more = others.flatMap(({ problems }) => problems).filter(({ detail }) => !details.has(detail));
  const problems = [...first.problems, ...more];
  return [{ ...first, runs: problems.length === 0, students, problems }, ...others];
}

/** The size of all data by that of a sample: items are counted, as a sample of users sees the rare ones seldom. */
function scaledUp(
  data: ReadData,
  { isWhole, rows, users, items }: InteractionCounts,
  read: { rows: number; users: number; items: number },
): ReadData {
  if (isWhole) return data;
  const more = (count: number, times: number) => Math.round(count * times);
  const byRows = rows / Math.max(1, read.rows);
  const byUsers = users / Math.max(1, read.users);
  return {
    ...data,
    users: more(data.users, byUsers),
    items: more(data.items, items / Math.max(1, read.items)),
    pairs: more(data.pairs, byRows),
    allPairs: more(data.allPairs, byRows),
    testPairs: more(data.testPairs, byRows),
    ...(data.taskUsers && { taskUsers: data.taskUsers.map((count) => more(count, byUsers)) }),
  };
}

type Attempt<T> = { value: T } | { problem: PlanProblem };

/** Returns a refusal of a job as a problem of its plan; anything else is a fault of the program, and thrown. */
async function attempt<T>(task: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await task() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function attemptNow<T>(task: () => T): Attempt<T> {
  try {
    return { value: task() };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function problemOf(error: unknown): PlanProblem {
  if (!(error instanceof AppError)) throw error;
  return { field: problemField(error.detail), code: error.code, detail: messageOf(error) };
}
