import { studentBytes } from '../../artifact/student/student-bytes.ts';
import type { DataSize } from '../../dataset/data-size.ts';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { learnsSets } from '../../domain/tasks/labels-spec.ts';
import { findKind } from '../../domain/teachers/teacher-spec.ts';
import { memoryOfTraining, type SingleSettings } from '../../teacher/registry.ts';
import { expectedWork } from '../run/expected-work.ts';
import type { ExpectedStage } from '../run/timeline.ts';
import { type LabelSettings, planLabels } from '../tasks/labels/plan.ts';
import { planTraining } from '../tasks/ranking/plan.ts';
import { planCandidates } from '../tasks/ranking/plan-candidates.ts';
import { planWarnings } from '../tasks/ranking/warnings.ts';
import { planRating, type RatingSettings } from '../tasks/rating/plan.ts';
import { planTasks, specOfTask } from '../tasks/several/plan.ts';
import type { FoundTeacher } from '../teachers/find-teacher.ts';
import { isEnsemble, type TeacherPlan } from '../teachers/plan-any-teacher.ts';
import { memoryWarnings } from '../teachers/plan-teacher.ts';
import { secondsOfPlan } from '../teachers/seconds-of-plan.ts';
import type { ReadData } from './read-data.ts';

/** The plan of a job with nothing left open but what validation chooses. */
export interface PlannedSettings {
  settings: Record<string, unknown>;
  /** Ways to make the student that validation chooses among; fewer than two where it stays as planned. */
  candidates: string[];
  /** Teachers that are trained. */
  teachers: TeacherPlan[];
  dimensions: number;
  /** Bytes of the student's weights, without tables of features; null where its task has another form. */
  bytes: number | null;
  stages: ExpectedStage[];
  warnings: string[];
}

/** @param data the size of all data, scaled up where a sample was read */
export function planSettings(
  spec: CompleteDistillation,
  data: ReadData,
  found: FoundTeacher,
  memoryMiB?: number,
): PlannedSettings {
  const size: DataSize = {
    ...{ users: data.users, items: data.items, pairs: data.pairs },
    ...(memoryMiB !== undefined && { memoryMiB }),
  };
  if (spec.tasks) return severalTasks(spec, data, size);
  if (spec.task === 'multi-label' && !learnsSets(spec)) return labels(spec, data, size, found);
  return spec.task === 'rating' ? ratings(spec, size, found) : ranking(spec, size, found);
}

function ranking(spec: CompleteDistillation, size: DataSize, found: FoundTeacher): PlannedSettings {
  const settings = planTraining(spec, size, found);
  const candidates = planCandidates(spec, size, found);
  const teacherSeconds = secondsOfPlan(settings.teacher, size);
  const work = { seeds: spec.evaluation.seeds, candidates: candidates.length, teacherSeconds };
  return {
    settings: { ...settings },
    candidates: candidates.map(({ name }) => name),
    teachers: [settings.teacher],
    dimensions: settings.student.dimensions,
    bytes: studentBytes(settings.student, size.items),
    stages: expectedWork(size, settings, work),
    warnings: [...planWarnings(settings), ...memoryWarnings(spec, size)],
  };
}

function severalTasks(spec: CompleteDistillation, data: ReadData, size: DataSize): PlannedSettings {
  const tasks = spec.tasks!;
  const sizes = data.taskUsers!.map((users) => ({ ...size, users }));
  const settings = planTasks(spec, tasks, sizes, size);
  const parts = settings.tasks.flatMap(({ teacher, teacherOfAll }, i) => [
    { teacher, size: sizes[i]! },
    ...(teacherOfAll ? [{ teacher: teacherOfAll, size }] : []),
  ]);
  const teacherSeconds = parts.reduce<number | undefined>((sum, one) => {
    const own = secondsOfPlan(one.teacher, one.size);
    return sum === undefined || own === undefined ? undefined : sum + own;
  }, 0);
  return {
    settings: { ...settings },
    candidates: [],
    teachers: parts.map(({ teacher }) => teacher),
    dimensions: settings.student.dimensions,
    bytes: studentBytes(settings.student, size.items, tasks.length),
    stages: expectedWork(size, settings, {
      ...{ tasks: tasks.length, seeds: spec.evaluation.seeds, teacherSeconds },
    }),
    warnings: tasks.flatMap((task, i) => memoryWarnings(specOfTask(spec, task), sizes[i]!)),
  };
}

/**
 * Seconds of the two tasks without an estimate of their own, on two cores: per rating, epoch and dimension of a teacher of ratings;
 * per user and item of an epoch of its student; per entity, column and unit of a network of labels. Those of ratings
 * are fitted to one job on MovieLens-100K on a busy machine, by the pace of a default job before it; those of labels are reckoned from
 * their operations. Both are rough: earlier jobs of an installation correct them.
 */
const RATES = { rating: 1.2e-8, ratingEpoch: 6e-8, label: 1.5e-9, fixed: 3 };

function ratings(spec: CompleteDistillation, size: DataSize, { stored }: FoundTeacher): PlannedSettings {
  const settings = planRating(spec, size, stored?.settings);
  return {
    settings: { ...settings },
    candidates: [],
    teachers: [],
    dimensions: settings.student.dimensions,
    bytes: null,
    stages: ratingStages(settings, size, spec),
    warnings: [],
  };
}

function ratingStages(
  { teacher, distillation, alone, student }: RatingSettings,
  { users, items, pairs = 0 }: DataSize,
  { evaluation: { seeds = 1 } }: CompleteDistillation,
): ExpectedStage[] {
  const training = teacher.kind === 'stored' ? 0 : RATES.rating * pairs * teacher.epochs * teacher.dimensions;
  const epochs = (count: number) => RATES.fixed / 3 + count * RATES.ratingEpoch * users * items;
  const control = epochs(alone.epochs) + RATES.rating * pairs * 20 * student.dimensions;
  const taught = epochs(distillation.epochs);
  return rough({
    teacher: training,
    distillation: taught,
    'student-alone': control,
    seeds: (seeds - 1) * (taught + control),
    evaluation: RATES.fixed,
    'refit-teacher': training / 2,
    refit: taught,
  });
}

function labels(
  spec: CompleteDistillation,
  data: ReadData,
  size: DataSize,
  { stored }: FoundTeacher,
): PlannedSettings {
  const settings = planLabels(spec, data.inputs!, data.weighting, stored?.settings);
  const { student, alone, teacher } = settings;
  const seconds = (fit: { epochs: number; width: number }) =>
    RATES.fixed / 3 + RATES.label * fit.epochs * size.users * data.inputs! * fit.width;
  const { seeds = 1 } = spec.evaluation;
  const training = teacher.kind === 'stored' ? 0 : seconds(teacher);
  const { weighting: _, ...shown } = settings satisfies LabelSettings;
  return {
    settings: shown,
    candidates: [],
    teachers: [],
    dimensions: student.width,
    bytes: null,
    stages: rough({
      teacher: training,
      distillation: seconds(student),
      'student-alone': 2 * seconds(alone),
      seeds: (seeds - 1) * 2 * (seconds(student) + seconds(alone)),
      evaluation: RATES.fixed,
      'refit-teacher': training / 2,
      refit: seconds(student),
    }),
    warnings: [],
  };
}

function rough(seconds: Record<string, number>): ExpectedStage[] {
  return Object.entries(seconds).map(([name, work]) => ({ name, work, isRough: true }));
}

/** The greatest estimated memory of the teachers, in MiB; 0 where no kind takes more than the data and a student do. */
export function memoryOfTeachers(teachers: readonly TeacherPlan[], size: DataSize): number {
  return Math.max(0, ...teachers.map((teacher) => memoryOf(teacher, size)));
}

function memoryOf(plan: TeacherPlan, size: DataSize): number {
  if (isEnsemble(plan)) return plan.members.reduce((sum, member) => sum + memoryOf(member, size), 0);
  if (plan.kind === 'auto')
    return Math.max(0, ...plan.candidates.map((candidate) => memoryOfTraining(candidate, size)));
  if (findKind(plan.kind)?.origin !== 'trained') return 0;
  return memoryOfTraining(plan as SingleSettings, size);
}
