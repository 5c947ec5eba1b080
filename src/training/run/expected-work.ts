import type { DataSize } from '../../dataset/data-size.ts';
import { MOST_TEST_USERS } from '../../dataset/split/sample-test.ts';
import type { Stage } from './progress.ts';
import type { ExpectedStage } from './timeline.ts';

/** Choices of a plan that the time of its students goes by. */
interface PlannedStudents {
  student: { dimensions: number };
  distillation: { epochs: number };
  /** Expected work of the same student without a teacher. */
  alone?: { epochs: number };
}

/**
 * Seconds per user and item, as measured with default settings on two cores (bench/results/scale.md): of an epoch of the student, of an
 * epoch on hard labels, of a teacher's lists, and of the evaluation with all its rankers.
 */
const PER_SCORE = { epoch: 25e-9, hardEpoch: 15e-9, lists: 60e-9, evaluation: 300e-9 };
/** Seconds per pair, dimension and round of the models in closed form that are controls, and their rounds in all. */
const PER_PAIR = 6e-9;
const ROUNDS = 18;
/** Early stopping seldom needs more. */
const USUAL_EPOCHS = 40;
/** Expected work of any job: start values, intervals, times of single answers. */
const FIXED = { transfer: 1, controls: 1, evaluation: 4 };
/** Teachers take about as long as the rest; they tell their own pace. */
const TEACHER_SHARE = 0.7;
/** A refit trains one of the teachers that were tried, and half of the student's epochs. */
const REFIT = { teacher: 0.15, epochs: 0.5 };

/**
 * Returns the time that each stage of a job that ranks items is expected to take.
 * @param size with the pairs of all tasks
 * @param tasks that have a teacher, a control and a test of their own
 * @param seeds that student and controls are trained with
 */
export function expectedWork(
  { users, items, pairs = 0 }: DataSize,
  { student: { dimensions }, distillation: how, alone: howAlone = how }: PlannedStudents,
  { tasks = 1, seeds = 1 }: { tasks?: number; seeds?: number | undefined },
): ExpectedStage[] {
  const testUsers = Math.min(MOST_TEST_USERS, users);
  const scores = users * items;
  const transfer = tasks * (FIXED.transfer + PER_SCORE.lists * scores);
  const distillation = PER_SCORE.epoch * scores * how.epochs;
  const closedForms = FIXED.controls + PER_PAIR * ROUNDS * pairs * dimensions;
  const alone = PER_SCORE.hardEpoch * scores * Math.min(USUAL_EPOCHS, howAlone.epochs) + closedForms;
  const single = tasks * (distillation + transfer / tasks + closedForms);
  const controls = tasks > 1 ? single : alone;
  const known: Partial<Record<Stage, number>> = {
    transfer,
    distillation,
    'student-alone': alone,
    'single-task': single,
    seeds: (seeds - 1) * (transfer + distillation + controls),
    evaluation: tasks * (FIXED.evaluation + PER_SCORE.evaluation * testUsers * items),
    refit: transfer + REFIT.epochs * distillation,
  };
  const teacher = TEACHER_SHARE * (distillation + controls + transfer);
  return [
    ...Object.entries(known).map(([name, work]) => ({ name, work })),
    { name: 'teacher', work: teacher, isRough: true },
    ...refitOfTeacher(teacher),
  ];
}

/** @param seconds that the teachers took the first time */
export function refitOfTeacher(seconds: number): ExpectedStage[] {
  return [{ name: 'refit-teacher', work: REFIT.teacher * seconds, isRough: true }];
}
