import { usersWithHistory } from '../../../dataset/batches.ts';
import { packScored } from '../../run/pack.ts';
import { summaryOf } from '../../run/publish.ts';
import type { Fit, Run } from '../../run/run.ts';
import type { Distillation, OpenTask, Task } from '../../task.ts';
import { findTeacher, storedOf } from '../../teachers/find-teacher.ts';
import { sizeWarnings, storedWarnings } from '../ranking/warnings.ts';
import { planTasks, planTaskWeighting, specOfTask } from './plan.ts';
import { assessTasks, bytesOf, reportTasks, type TasksReport } from './report.ts';
import { refuseReading, storableTeacher } from './stored.ts';
import { allPairs, type LearnedPairs, readTasks, trainingPairs } from './tasks-data.ts';
import { hashOfTask, type PlannedTasks, reteachTasks, type TasksTeacher, teachTasks } from './teach.ts';
import { startStudentOf, type TaskStudent } from './train.ts';

/** Several behaviours, each a task with a teacher of its own: one student learns them all, its controls one each. */
export const severalTasks: Task<TasksTeacher, TaskStudent, TasksReport> = {
  metric: 'ndcg@10',
  control: 'single-task',
  open: async (run) => openTasks(await prepare(run)),
};

async function prepare(run: Run): Promise<PlannedTasks> {
  const { spec, logger } = run;
  const tasks = spec.tasks!;
  const data = await readTasks(run, tasks);
  const { dataset, split } = data;
  const found = [];
  for (const [i, task] of tasks.entries()) {
    const own = await findTeacher(run, specOfTask(spec, task), dataset, task.name);
    refuseReading(own, task, i);
    found.push(own);
  }
  const size = { users: dataset.users.length, items: dataset.items.length };
  const sizes = split.map((task) => ({ ...size, users: usersWithHistory(task.split.train).length }));
  const settings = planTasks(spec, tasks, sizes, size, found);
  for (const warning of storedWarnings(found.flatMap(storedOf))) run.warn(warning);
  logger.info({ ...size, tasks: settings.tasks.map(({ name }) => name) }, 'data of all tasks ready');
  return { ...data, run, tasks, found, settings };
}

function openTasks(planned: PlannedTasks): OpenTask<TasksTeacher, TaskStudent, TasksReport> {
  const { run, tasks, dataset, settings } = planned;
  const weighting = planTaskWeighting(run.spec, tasks);
  const every = [...tasks.keys()];
  const identity = [every.map((task) => hashOfTask(planned, task)), settings];
  const start = (learned: readonly number[], { taught }: TasksTeacher, pairs: LearnedPairs, fit: Fit) =>
    startStudentOf(learned, taught, pairs, settings, fit);
  const pack: Distillation<TasksTeacher, TaskStudent, TasksReport>['pack'] = ({ weights }, report, draft) =>
    packScored({ weights, items: dataset.items, weighting, maxHistory: settings.maxHistory }, report, draft);
  const pairs = trainingPairs(planned);

  return {
    identity,
    teach: (stage) => teachTasks(planned, pairs, stage),
    transfer: (teacher, fit) => start(every, teacher, pairs, fit),
    controls: every.map((task) => ({
      train: async (teacher, fit) => (await start([task], teacher, pairs, fit))(fit),
    })),
    async assess({ teacher, student, controls }, advance) {
      const tables = await assessTasks(planned, teacher, { student, controls }, advance);
      const report = reportTasks(planned, teacher, tables, weighting);
      const sizes = { teacherBytes: bytesOf(teacher), studentBytes: report.oneForAll!.bytes };
      for (const warning of sizeWarnings(settings.tasks, sizes)) run.warn(warning);
      return { report, summary: summaryOf(report) };
    },
    storable: ({ taught }) => taught.map((one, i) => storableTeacher(one, tasks[i]!.name)),
    pack,
    whole({ teacher: before }) {
      const whole = allPairs(planned);
      return {
        identity,
        teach: (stage) => reteachTasks(planned, whole, stage, { before, identity }),
        transfer: (teacher, fit) => start(every, teacher, whole, fit),
        pack,
      };
    },
  };
}
