import type { DataSize } from '../../dataset/data-size.ts';
import { mostTestUsers } from '../../dataset/split/sample-test.ts';
import { taughtUsers } from '../../dataset/taught-users.ts';
import { copiesOf } from '../../dataset/thinned.ts';
import type { Stage } from './progress.ts';
import type { ExpectedStage } from './timeline.ts';

/** Choices of a plan that the time of its students goes by. */
interface PlannedStudents {
  student: { dimensions: number; user?: 'summed' | 'solved' };
  distillation: {
    epochs: number;
    thinned?: number;
    /** Users who are taught, where that is planned otherwise than by the size of the data. */
    taught?: number;
    /** Items that stand for the rest of the catalogue in softmaxes over a part of it. */
    among?: number;
  };
  /** Expected work of the same student without a teacher. */
  alone?: { epochs: number };
}

export interface PlannedWork {
  /** Tasks that have a teacher, a control and a test of their own. */
  tasks?: number;
  /** Seeds that student and controls are trained with. */
  seeds?: number | undefined;
  /** Seconds that the teachers' training is estimated to take; unset where nobody knows. */
  teacherSeconds?: number | undefined;
  /** Ways to make the student that are tried. */
  candidates?: number;
}

/** Parts of the teachers' stage, in seconds. */
export interface TeacherWork {
  /** Training those that are tried. */
  search: number;
  /** Choosing how the student is made. */
  choice: number;
  /** Training the one that was chosen anew, with the validation pairs. */
  grown: number;
}

/**
 * Seconds per history and item on two idle cores, with default settings (bench/results/scale.md): of an epoch of the student, of an
 * epoch on hard labels, of a teacher's lists, and of the evaluation with all its rankers.
 */
const PER_SCORE = { epoch: 30e-9, hardEpoch: 15e-9, lists: 60e-9, evaluation: 300e-9 };
/** Seconds per history of a training step whose user vectors are solved, times the cube of the dimensions; and in the evaluation. */
const PER_SOLUTION = { step: 3e-11, evaluation: 2.1e-10 };
/** Seconds per pair, dimension and round of the models in closed form that are controls, and their rounds in all. */
const PER_PAIR = 6e-9;
const ROUNDS = 18;
/** Epochs after which early stopping usually ends a control; one that starts from iALS is near its end from the first. */
const USUAL_EPOCHS = { summed: 40, solved: 16 };
/** Expected work of any job: start values, intervals, times of single answers. */
const FIXED = { transfer: 1, controls: 1, evaluation: 4 };
/** Teachers of whom nobody knows better take about as long as the rest. */
const TEACHER_SHARE = 0.7;
/** Training anew takes one of the teachers that were tried, with one setting, and no validation. */
const AGAIN = 0.1;
/** Items of the lists and histories of a batch, where softmaxes are over a part of the catalogue. */
const ASKED_ITEMS = 5_000;
/** Share of the users who have pairs of one of several tasks. */
const USERS_OF_TASK = 0.75;
/** A refit has half of the student's epochs, and more histories where items are new. */
const REFIT_EPOCHS = 0.7;
/**
 * Steps of each way that is tried, the size of their batches, and histories that are taught and asked; and how many ways that are tried
 * the usual finalist takes as long as. See choose-student.ts.
 */
const TRIED = { steps: 150, batch: 256, histories: 7_000, finalist: 4 };

/** Returns the time that each stage of a job that ranks items is expected to take. @param size with the pairs of all tasks */
export function expectedWork(
  size: DataSize,
  planned: PlannedStudents,
  { tasks = 1, seeds = 1, ...how }: PlannedWork,
): ExpectedStage[] {
  const { items, users } = size;
  const { student, distillation: taught, alone: control = taught } = planned;
  const histories = taught.taught ?? taughtUsers(size);
  const scored = taught.among === undefined ? items : Math.min(items, taught.among + ASKED_ITEMS);
  /** Passes over the users: one of them for each of several tasks, by those who have pairs of it. */
  const passes = tasks > 1 ? tasks * USERS_OF_TASK : 1;
  const rows = histories + copiesOf(histories, taught.thinned ?? 0);
  const perStep = solutionSeconds(student, PER_SOLUTION.step);
  const transfer = tasks * FIXED.transfer + passes * PER_SCORE.lists * rows * items;
  const distillation = passes * taught.epochs * rows * (PER_SCORE.epoch * scored + perStep);
  const closedForms = closedFormSeconds(size, student);
  const epochs = Math.min(USUAL_EPOCHS[student.user ?? 'summed'], control.epochs);
  const alone = epochs * users * (PER_SCORE.hardEpoch * items + perStep) + closedForms;
  // Each task's control is taught by the lists that the student was; its best small model reads histories in two ways.
  const single = distillation + tasks * (FIXED.transfer + 2 * closedForms);
  const controls = tasks > 1 ? single : alone;
  const perTest = PER_SCORE.evaluation * items + solutionSeconds(student, PER_SOLUTION.evaluation);
  const { search, choice, grown } = teacherWork(size, how, distillation + controls + transfer);
  const known: Partial<Record<Stage, number>> = {
    teacher: search + choice + grown,
    transfer,
    distillation,
    'student-alone': alone,
    'single-task': single,
    seeds: (seeds - 1) * (transfer + distillation + controls),
    evaluation: tasks * (FIXED.evaluation + perTest * Math.min(mostTestUsers(items, tasks), users)),
    'refit-teacher': AGAIN * search,
    refit: transfer + REFIT_EPOCHS * distillation,
  };
  const isRough = how.teacherSeconds === undefined;
  return Object.entries(known).map(([name, work]) => ({
    ...{ name, work },
    isRough: isRough && name.endsWith('teacher'),
    ...(name === 'student-alone' && { endsEarly: true }),
  }));
}

/** @param rest seconds of students and controls, by which teachers are guessed where nobody knows better */
export function teacherWork(
  { items }: DataSize,
  { teacherSeconds, candidates = 0 }: Pick<PlannedWork, 'teacherSeconds' | 'candidates'>,
  rest = 0,
): TeacherWork {
  const search = teacherSeconds ?? TEACHER_SHARE * rest;
  const tried =
    items * (TRIED.steps * TRIED.batch * PER_SCORE.epoch + TRIED.histories * PER_SCORE.lists) +
    FIXED.transfer;
  return {
    search,
    choice: candidates > 1 ? (candidates + TRIED.finalist) * tried : 0,
    grown: AGAIN * search,
  };
}

function closedFormSeconds({ pairs = 0 }: DataSize, { dimensions }: PlannedStudents['student']): number {
  return FIXED.controls + PER_PAIR * ROUNDS * pairs * dimensions;
}

function solutionSeconds({ dimensions, user }: PlannedStudents['student'], perCube: number): number {
  return user === 'solved' ? perCube * dimensions ** 3 : 0;
}
