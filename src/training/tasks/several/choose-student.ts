import { setImmediate as breathe } from 'node:timers/promises';
import { studentOfTask } from '../../../artifact/student/student-weights.ts';
import { problem } from '../../../core/errors.ts';
import { type Csr, columnSums, selectRows } from '../../../dataset/matrix.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { evaluate, evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import { partOf } from '../../run/part-of.ts';
import type { Fit } from '../../run/run.ts';
import { studentRanker, teacherRanker } from '../ranking/rankers.ts';
import { validationHistories } from './held-everywhere.ts';
import { type ByTask, pickForTasks, type TasksTrial } from './pick-student.ts';
import type { TasksSettings } from './plan.ts';
import type { LearnedPairs } from './tasks-data.ts';
import type { PlannedTasks, TasksTeacher } from './teach.ts';
import { startStudentOf, type TaskStudent } from './train.ts';

export interface TasksChoice {
  settings: TasksSettings;
  isControl: boolean;
  tried: TasksTrial[];
}

/** Users of a task that are asked; with fewer in all than the least nothing is chosen, as their figures would be noise. */
const MOST_ASKED = 1000;
const LEAST_ASKED = 100;
/** Share of its updates that the student has when it is compared with the control, and the histories that it is taught on. */
const WORK = 0.5;
const MOST_TAUGHT = 4000;
const K = 10;
export const TAUGHT = 'taught';
export const CONTROL = 'iALS of all behaviours, solved';

/**
 * Compares a student that is taught for a part of its epochs, without the validation pairs, with the control that may be published in
 * its place (see planControlOfTasks), on the validation pairs of every task. The test part has no say.
 * @param pairs without those of validation
 * @param control its settings; undefined where the job leaves nothing to choose
 * @returns undefined where nothing can be chosen: no control, or too few validation users
 * @throws problem('cancelled')
 */
export async function chooseForTasks(
  planned: PlannedTasks,
  control: TasksSettings | undefined,
  { taught: teachers }: TasksTeacher,
  pairs: LearnedPairs,
  fit: Fit,
): Promise<TasksChoice | undefined> {
  const { settings, run } = planned;
  const asked = settings.tasks.map((_, task) => askedOf(planned, task));
  const users = asked.reduce((sum, { histories }) => sum + histories.rows, 0);
  if (!control || users < LEAST_ASKED || teachers.some(({ teacher }) => teacher.listed)) return undefined;
  const every = [...settings.tasks.keys()];
  const { resume: _, ...alone } = fit;
  const train = async (own: TasksSettings, from: number, to: number, name: string) => {
    const part = partOf(alone, from, to, `choice: ${name}`);
    return (await startStudentOf(every, teachers, pairs, own, part))(part);
  };
  const students: TaskStudent[] = [];
  try {
    students.push(await train(withWork(settings), 0, 0.8, TAUGHT));
    students.push(await train(control, 0.8, 1, CONTROL));
  } finally {
    for (const student of students) student.dispose();
  }
  const letIn = async () => {
    await breathe();
    if (fit.signal.aborted) throw problem('cancelled', 'training was cancelled', {}, fit.signal.reason);
  };
  const byTask: Float64Array[][] = [];
  for (const task of every) {
    const { teacher, wake, rest } = teachers[task]!;
    await wake();
    const rankers = [
      teacherRanker(teacher),
      ...students.map(({ weights }) =>
        studentRanker('student', createStudentScorer(studentOfTask(weights, task))),
      ),
    ];
    byTask.push(await ndcgOf(rankers, asked[task]!, letIn));
    await rest();
  }
  const usersOf = (ranker: number): ByTask => byTask.map((rankers) => rankers[ranker]!);
  const { picked, trials } = pickForTasks(
    [
      { student: TAUGHT, work: WORK, users: usersOf(1) },
      { student: CONTROL, work: 1, users: usersOf(2) },
    ],
    usersOf(0),
    settings.tasks.map(({ weight }) => weight),
  );
  const isControl = picked === 1;
  if (isControl) run.warn(warningOf(trials));
  return { settings: isControl ? control : settings, isControl, tried: trials };
}

type Asked = { histories: Csr; known: Csr; heldOut: Csr; hidden: Int32Array; popularity: Float32Array };

function askedOf(planned: PlannedTasks, task: number): Asked {
  const { split, unlisted = {}, name } = planned.split[task]!;
  const { known, heldOut, hidden } = maskedFor(split, unlisted, 'validation');
  const draws = planned.run.rng.fork(`student-choice-${name}`);
  const users = draws.shuffle(evaluatedUsers(heldOut)).slice(0, MOST_ASKED).sort();
  return {
    histories: selectRows(validationHistories(planned, task), users),
    known: selectRows(known, users),
    heldOut: selectRows(heldOut, users),
    hidden,
    popularity: columnSums(split.train),
  };
}

async function ndcgOf(
  rankers: Parameters<typeof evaluate>[0],
  asked: Asked,
  onBatch: () => Promise<void>,
): Promise<Float64Array[]> {
  if (asked.histories.rows === 0) return rankers.map(() => new Float64Array(0));
  const { outcomes } = await evaluate(rankers, asked, { ks: [K], losses: false, onBatch });
  return outcomes.map(({ metrics }) => metrics[`ndcg@${K}`]!);
}

function withWork(settings: TasksSettings): TasksSettings {
  const { distillation } = settings;
  return {
    ...settings,
    distillation: {
      ...distillation,
      epochs: Math.ceil(WORK * distillation.epochs),
      roundedEpochs: Math.ceil(WORK * distillation.roundedEpochs),
      taught: Math.min(MOST_TAUGHT, distillation.taught),
    },
  };
}

function warningOf([taught, control]: readonly TasksTrial[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `On the validation part the student that the teachers taught was below a model of its size without a teacher, so that one is published for all tasks: ${CONTROL}, with ${percent(control!.score)} of the teachers' NDCG@10 in the mean of the tasks; the taught one had ${percent(taught!.score)}. See settings.studentsTried`;
}
