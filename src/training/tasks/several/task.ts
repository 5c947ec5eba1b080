import type { LearnedFile } from '../../../artifact/learned.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { type SplitTask, taskHistories, unionNewest } from '../../../dataset/task-histories.ts';
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
import { createMeasurement } from '../ranking/validation.ts';
import { sizeWarnings } from '../ranking/warnings.ts';
import { type TaskControls, trainBestOfTask } from './controls.ts';
import { planTasks, specOfTask } from './plan.ts';
import { assessTasks, bytesOf, reportTasks } from './report.ts';
import { refuseReading, storableTeacher } from './stored.ts';
import {
  allPairs,
  type LearnedPairs,
  readTasks,
  refuseEmptyTasks,
  splitTasks,
  trainingPairs,
} from './tasks-data.ts';
import {
  chosenReaders,
  hashOfTask,
  type PlannedTasks,
  reteachTasks,
  type TasksTeacher,
  teachTasks,
  unionOf,
} from './teach.ts';
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
  const settings = planTasks(spec, tasks, sizes, size, found);
  const planned = tasks.flatMap((task, i) => [
    ...memoryWarnings(specOfTask(spec, task), sizes[i]!),
    ...(settings.tasks[i]!.reads === 'all' ? memoryWarnings(specOfTask(spec, task), size) : []),
  ]);
  for (const warning of new Set(planned)) run.warn(warning);
  const pairs = split.reduce((sum, task) => sum + task.split.train.indices.length, 0);
  run.expect(expectedWork({ ...size, pairs }, settings, { ...spec.evaluation, tasks: tasks.length }));
  logger.info({ ...size, tasks: settings.tasks.map(({ name }) => name) }, 'data of all tasks ready');
  return { dataset, split, run, tasks, found, learned, settings, weighting };
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
  const { run, tasks, dataset, settings, weighting } = planned;
  const every = [...tasks.keys()];
  const identity = [every.map((task) => hashOfTask(planned, task)), settings];
  const start = (learned: readonly number[], { taught }: TasksTeacher, pairs: LearnedPairs, fit: Fit) =>
    startStudentOf(learned, taught, pairs, settings, fit, { warn: run.warn });
  /** The curve of a student is that of the first task that it learns. */
  const measured = (learned: readonly number[], fit: Fit) => {
    const { name, split, unlisted = {} } = planned.split[learned[0]!]!;
    const draws = run.rng.fork(`curve-${name}`);
    const shown = taskHistories(planned.split, dataset.context, { name, part: 'validation' });
    return { ...fit, measure: createMeasurement(split, draws, unlisted, shown) };
  };
  const pack: Distillation<TasksTeacher, TaskStudent>['pack'] = ({ weights }, report, draft) =>
    packScored({ weights, items: dataset.items, weighting, maxHistory: settings.maxHistory }, report, draft);
  const pairs = trainingPairs(planned);

  return {
    identity,
    teach: (stage) => teachTasks(planned, pairs, stage),
    transfer: (teacher, fit) => start(every, teacher, pairs, measured(every, fit)),
    controls: every.map((task) => ({
      async train(teacher, fit) {
        const single = await (await start([task], teacher, pairs, measured([task], fit)))(
          partOf(fit, 0, 0.8),
        );
        try {
          const best = await trainBestOfTask(planned, pairs, task, partOf(fit, 0.8, 1));
          return { single, best, dispose: single.dispose };
        } catch (error) {
          single.dispose();
          throw error;
        }
      },
    })),
    async assess({ teacher, student, controls, repeats }, advance) {
      const tables = await assessTasks(planned, teacher, { student, controls, repeats }, advance);
      const report = reportTasks(planned, teacher, tables, weighting);
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
      const chosen = chosenReaders(planned, teacher);
      const again = {
        weights: student.values(),
        newItems: findNewItems(everything, student.weights.popularity),
      };
      const hashes = chosen.flat().map((reader) => hashOfStart(reader.chosen, again.weights));
      const from = [...identity, hashes];
      return {
        identity: from,
        teach: (stage) => reteachTasks(planned, { before: pairs, whole }, stage, { chosen, identity: from }),
        transfer: ({ taught }, fit) => startStudentOf(every, taught, whole, settings, fit, { again }),
        learned: () => learnedFile(planned, whole),
        pack,
        lists: ({ weights }) => listsOf(weights, probeHistories(shown, run.rng), settings.maxHistory),
      };
    },
  };
}
