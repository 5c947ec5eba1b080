import type { LearnedFile } from '../../../artifact/learned.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import type { DataSize } from '../../../dataset/data-size.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { type SplitTask, unionNewest } from '../../../dataset/task-histories.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import { expectedWork } from '../../run/expected-work.ts';
import { hashOfStart } from '../../run/hash-of-start.ts';
import { packScored } from '../../run/pack.ts';
import { partOf } from '../../run/part-of.ts';
import { listsOf, probeHistories } from '../../run/probe-lists.ts';
import { summaryOf } from '../../run/publish.ts';
import type { Fit, Run } from '../../run/run.ts';
import { splitWarnings } from '../../run/split-warnings.ts';
import type { Distillation, OpenTask, Task } from '../../task.ts';
import { type FoundTeacher, findTeacher, importedOf, storedOf } from '../../teachers/find-teacher.ts';
import { areWhole, leakWarnings, learnedBefore, learnedPairs } from '../../teachers/learned-before.ts';
import { memoryWarnings } from '../../teachers/plan-teacher.ts';
import { secondsOfPlan } from '../../teachers/seconds-of-plan.ts';
import { createMeasurement } from '../ranking/validation.ts';
import { sizeWarnings } from '../ranking/warnings.ts';
import { chooseForTasks, type TasksChoice } from './choose-student.ts';
import { type TaskControls, trainBestOfTask } from './controls.ts';
import { heldEverywhere, validationHistories } from './held-everywhere.ts';
import { planControlOfTasks, planTasks, specOfTask } from './plan.ts';
import { assessTasks, bytesOf, reportTasks } from './report.ts';
import { chosenReaders, reteachTasks, teachTasks } from './reteach.ts';
import { refuseReading, storableTeacher } from './stored.ts';
import {
  allPairs,
  type LearnedPairs,
  readTasks,
  refuseEmptyTasks,
  searchPairs,
  splitPlans,
  splitTasks,
  taughtPairs,
} from './tasks-data.ts';
import { hashOfTask, type PlannedTasks, ROUNDS, type TasksTeacher, unionOf } from './teach.ts';
import { startStudentOf, type TaskStudent } from './train.ts';

/** Several behaviours, each a task with a teacher of its own: one student learns them all, its controls one each. */
export const severalTasks: Task<TasksTeacher, TaskStudent, TaskControls> = {
  metric: 'ndcg@10',
  control: 'single-task',
  open: async (run) => openTasks(await prepare(run)),
};

async function prepare(run: Run): Promise<PlannedTasks> {
  const { spec, logger } = run;
  const tasks = spec.tasks!;
  const { weighting, ...dataset } = await readTasks(run, tasks);
  const found = [];
  for (const [i, task] of tasks.entries()) {
    const own = await findTeacher(run, specOfTask(spec, task), dataset, task.name);
    refuseReading(own, task, i);
    found.push(own);
  }
  const learned = found.map((own) => learnedBefore(storedOf(own)));
  const split = splitTasks(spec, tasks, dataset, learned);
  for (const warning of leaksOf(spec, tasks, found, split)) run.warn(warning);
  refuseEmptyTasks(split);
  const size = {
    users: dataset.users.length,
    items: dataset.items.length,
    ...(run.memoryMiB !== undefined && { memoryMiB: run.memoryMiB / mostReaders(tasks) }),
  };
  const sizes = split.map((task) => ({ ...size, users: usersWithHistory(task.split.train).length }));
  const held = heldEverywhere(splitPlans(spec, tasks), split, dataset.context?.matrix ?? null);
  const sized = [tasks, sizes, size, found, held[0] !== undefined] as const;
  const settings = planTasks(spec, ...sized);
  const control = planControlOfTasks(spec, ...sized);
  const planned = tasks.flatMap((task, i) => [
    ...memoryWarnings(specOfTask(spec, task), sizes[i]!),
    ...(settings.tasks[i]!.reads === 'all' ? memoryWarnings(specOfTask(spec, task), size) : []),
  ]);
  for (const warning of new Set(planned)) run.warn(warning);
  const pairs = split.reduce((sum, task) => sum + task.split.train.indices.length, 0);
  const whole = { ...size, pairs };
  const work = { tasks: tasks.length, teacherSeconds: secondsOfTasks(settings, sizes, whole) };
  run.expect(expectedWork(whole, settings, { ...work, seeds: spec.evaluation.seeds }));
  logger.info({ ...size, tasks: settings.tasks.map(({ name }) => name) }, 'data of all tasks ready');
  return { dataset, split, run, tasks, found, learned, held, settings, control, weighting };
}

/** Estimated seconds of the teachers of all tasks, those that read all behaviours among them. */
function secondsOfTasks({ tasks }: PlannedTasks['settings'], sizes: readonly DataSize[], whole: DataSize) {
  const seconds = tasks.flatMap(({ teacher, teacherOfAll }, i) => [
    secondsOfPlan(teacher, sizes[i]!),
    ...(teacherOfAll ? [secondsOfPlan(teacherOfAll, whole)] : []),
  ]);
  return seconds.reduce((sum, own) => (sum === undefined || own === undefined ? undefined : sum + own), 0);
}

/** Teachers that are in memory at once: each task's, which may read all behaviours too. */
function mostReaders(tasks: TasksSpec): number {
  return tasks.reduce((sum, { reads }) => sum + (reads === 'own' ? 1 : 2), 0);
}

function leaksOf(
  spec: CompleteDistillation,
  tasks: TasksSpec,
  found: readonly FoundTeacher[],
  split: readonly SplitTask[],
): string[] {
  const warnings = tasks.flatMap((task, i) => [
    ...splitWarnings(split[i]!.split),
    ...leakWarnings({
      versions: storedOf(found[i]!),
      imported: importedOf(specOfTask(spec, task)),
      takenOut: split[i]!.split.takenOut,
      task: task.name,
    }),
  ]);
  return [...new Set(warnings)];
}

/** @param pairs those that teachers and student of the published version learn from */
function learnedFile(
  { run, tasks, dataset, found, learned }: PlannedTasks,
  pairs: LearnedPairs,
): LearnedFile {
  const both = (matrix: Csr) => ({ teacher: matrix, student: matrix });
  const imported = tasks.flatMap((task) => importedOf(specOfTask(run.spec, task)));
  return {
    of: 'pairs',
    isWhole: areWhole(found.flatMap(storedOf), imported),
    sets: [
      ...tasks.map(({ name }, i) => learnedPairs(dataset, both(pairs.own[i]!), learned[i], name)),
      // A successor that makes a task of these finds no set of its name, and takes all of them.
      ...(pairs.context ? [learnedPairs(dataset, both(pairs.context), undefined)] : []),
    ],
  };
}

function openTasks(planned: PlannedTasks): OpenTask<TasksTeacher, TaskStudent, TaskControls> {
  const { run, tasks, dataset, settings, control, weighting } = planned;
  const every = [...tasks.keys()];
  const hashes = every.map((task) => hashOfTask(planned, task));
  let choice: TasksChoice | undefined;
  /** Settings of the student that is published. */
  const chosen = () => choice?.settings ?? settings;
  const identity = () => [hashes, chosen()];
  const search = searchPairs(planned);
  const pairs = taughtPairs(planned);
  /** The curve of a student is that of the first task that it learns. */
  const measured = (learned: readonly number[], fit: Fit) => {
    const { name, split, unlisted = {} } = planned.split[learned[0]!]!;
    const draws = run.rng.fork(`curve-${name}`);
    const shown = validationHistories(planned, learned[0]!);
    return { ...fit, measure: createMeasurement(split, draws, unlisted, shown) };
  };
  const { maxHistory } = settings;
  const pack: Distillation<TasksTeacher, TaskStudent>['pack'] = ({ weights }, report, draft) =>
    packScored({ weights, items: dataset.items, weighting, maxHistory }, report, draft);

  return {
    get identity() {
      return identity();
    },
    teach: (stage) =>
      teachTasks(planned, { search, taught: pairs }, stage, async (tested) => {
        const fit = partOf(await stage.fit(), 1 / ROUNDS, 2 / ROUNDS);
        choice ??= await chooseForTasks(planned, control, tested, search, fit);
      }),
    transfer: ({ taught }, fit) =>
      startStudentOf(every, taught, pairs, chosen(), measured(every, fit), { warn: run.warn }),
    controls: every.map((task) => ({
      async train({ taught }, fit) {
        const started = await startStudentOf([task], taught, pairs, settings, measured([task], fit), {
          warn: run.warn,
        });
        return withBest(planned, { search, taught: pairs }, task, await started(partOf(fit, 0, 0.8)), fit);
      },
    })),
    async assess({ teacher, student, controls, repeats }, advance) {
      const tables = await assessTasks(planned, teacher, { student, controls, repeats }, advance);
      const report = reportTasks(planned, teacher, tables, { weighting, settings: chosen(), choice });
      const sizes = { teacherBytes: bytesOf(teacher), studentBytes: report.oneForAll!.bytes };
      for (const warning of sizeWarnings(settings.tasks, sizes)) run.warn(warning);
      return { report, summary: summaryOf(report) };
    },
    storable: ({ taught }) => taught.map((one, i) => storableTeacher(one, tasks[i]!.name)),
    learned: () => learnedFile(planned, pairs),
    pack,
    whole({ teacher, student }) {
      const whole = allPairs(planned);
      const everything = unionOf(whole.own, whole.context);
      const { context } = dataset;
      const newest = unionNewest([
        ...planned.split.map(({ pairs: own }) => own),
        ...(context ? [context] : []),
      ]);
      const shown = keepNewest(everything, newest, settings.maxHistory);
      const readers = chosenReaders(planned, teacher);
      const again = {
        weights: student.values(),
        newItems: findNewItems(everything, student.weights.popularity),
      };
      const starts = readers.flatMap((one) =>
        one.readers.map(({ chosen: own }) => hashOfStart(own, again.weights)),
      );
      const from = [...identity(), starts];
      return {
        identity: from,
        teach: (stage) =>
          reteachTasks(planned, { before: pairs, whole }, stage, { chosen: readers, identity: from }),
        transfer: ({ taught }, fit) => startStudentOf(every, taught, whole, chosen(), fit, { again }),
        learned: () => learnedFile(planned, whole),
        pack,
        lists: ({ weights }) => listsOf(weights, probeHistories(shown, run.rng), settings.maxHistory),
      };
    },
  };
}

/** The controls of one task: the student that learned it alone, which is released where the other one fails. */
async function withBest(
  planned: PlannedTasks,
  pairs: Parameters<typeof trainBestOfTask>[1],
  task: number,
  single: TaskStudent,
  fit: Fit,
): Promise<TaskControls> {
  try {
    const best = await trainBestOfTask(planned, pairs, task, partOf(fit, 0.8, 1));
    return { single, best, dispose: single.dispose };
  } catch (error) {
    single.dispose();
    throw error;
  }
}
