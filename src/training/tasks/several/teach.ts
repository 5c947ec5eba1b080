import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { rowsWithHistory } from '../../../dataset/batches.ts';
import { type Csr, columnSums, unionRows } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { taskHistories } from '../../../dataset/task-histories.ts';
import type { OutputsCache } from '../../../distillation/lists/teacher-outputs.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import type { ModelValidation, Teacher } from '../../../teacher/contract.ts';
import type { ChosenTeacher } from '../../../teacher/registry.ts';
import { AVERAGE } from '../../../teacher/several/ensemble.ts';
import type { Held } from '../../run/holding.ts';
import type { Run, RunningStage } from '../../run/run.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import type { learnedBefore } from '../../teachers/learned-before.ts';
import { weigh } from '../../teachers/obtain-ensemble.ts';
import { obtainTeacher, retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { thatRests } from '../../teachers/resting.ts';
import { chosenOf, type EnsembleFacts, identityOf, type TeacherSetup } from '../../teachers/teacher-setup.ts';
import { createValidation } from '../ranking/validation.ts';
import { inOrder, releasingOnError } from './in-order.ts';
import type { TasksSettings } from './plan.ts';
import { joinReaders, type Reader, restOf } from './readers.ts';
import { readingsOf, readingTeacher, readingValidation } from './reading.ts';
import { type LearnedPairs, splitPlans, type TasksData } from './tasks-data.ts';

/** A job with several tasks, of which nothing is trained yet. */
export interface PlannedTasks extends TasksData {
  run: Run;
  tasks: TasksSpec;
  /** Teachers that no job trains, by task. */
  found: readonly FoundTeacher[];
  /** All that the versions that teach had learned from, by task. */
  learned: readonly ReturnType<typeof learnedBefore>[];
  settings: TasksSettings;
  weighting: Weighting;
}

/** The teacher of one task. */
export interface TaskTeacher {
  /** All readers as one, which is asked with histories of all behaviours. It owns them. */
  teacher: Teacher;
  readers: readonly Reader[];
  /** How the readers were weighed, where they are several. */
  ensemble?: EnsembleFacts;
  /** Its lists are kept from job to job. */
  lists?: OutputsCache;
  /** Put its readers aside, and make them again; see RestingTeacher. */
  rest(): Promise<void>;
  wake(): Promise<void>;
}

/** The teachers of all tasks, in the order of the tasks. */
export interface TasksTeacher extends Held {
  taught: readonly TaskTeacher[];
}

/** Obtains the teachers of all tasks. */
export function teachTasks(planned: PlannedTasks, pairs: LearnedPairs, stage: RunningStage) {
  return eachTask(planned, (task) => teachTask(planned, pairs, stage, task));
}

/** Settings and parameters of a task's readers that a refit goes on from; the readers can be released then. */
export type ChosenReaders = readonly (Pick<Reader, 'reading' | 'share'> & { chosen: ChosenTeacher })[];

export function chosenReaders({ found }: PlannedTasks, { taught }: TasksTeacher): ChosenReaders[] {
  return taught.map(({ readers }, task) =>
    readers.map(({ reading, share, teacher }) => ({
      reading,
      share,
      chosen: chosenOf(found[task]!, teacher),
    })),
  );
}

/** Trains the teachers on, on more pairs, with what training chose and with the shares that they had. */
export function reteachTasks(
  planned: PlannedTasks,
  { before, whole }: { before: LearnedPairs; whole: LearnedPairs },
  stage: RunningStage,
  { chosen, identity }: { chosen: readonly ChosenReaders[]; identity: readonly unknown[] },
): Promise<TasksTeacher> {
  const { engine } = planned.run;
  return eachTask(planned, async (task) => {
    const readers = readersOf(planned, task) ?? (await inOrder(chosen[task]!, retrain));
    return { teacher: joinReaders(engine, readers, whole.known[task]!), readers, ...restOf(readers) };

    async function retrain({ reading, share, chosen: own }: ChosenReaders[number]): Promise<Reader> {
      const setup = await setupOf(planned, whole, stage, { task, reading, identity });
      const newItems = findNewItems(setup.context.train, columnSums(readPairs(before, task, reading)));
      const teacher = thatRests(
        planned.run,
        planned.found[task]!,
        `refit-teacher-${task}-${reading}`,
        await retrainTeacher(setup, own, newItems),
      );
      await teacher.rest?.();
      return { reading, share, ...teacher };
    }
  });
}

/** Where a reader is obtained in the job: which teacher it is, and of what loop. */
interface Place {
  task: number;
  reading: Reader['reading'];
  validation?: ModelValidation | undefined;
  /** For a teacher that is not kept for other jobs. */
  identity?: readonly unknown[];
}

/** Obtains one task's teacher; where it reads all behaviours, two, which count as is best on validation. */
async function teachTask(
  planned: PlannedTasks,
  pairs: LearnedPairs,
  stage: RunningStage,
  task: number,
): Promise<TaskTeacher> {
  const { run, settings, split } = planned;
  const { engine, rng, signal, stages } = run;
  const { name, reads } = settings.tasks[task]!;
  const shown = taskHistories(split, planned.dataset.context, { name, part: 'validation' });
  const validation = createValidation(
    split[task]!.split,
    settings.patience,
    rng.fork(`validation-${name}`),
    split[task]!.unlisted ?? {},
    shown,
  );
  const { targets, taught } = settings.distillation;
  const lists = stages.outputs(hashOf(hashOfTask(planned, task), reads, targets, taught));
  const ready = readersOf(planned, task);
  const readers =
    ready ??
    (await inOrder(reads === 'own' ? (['own'] as const) : (['own', 'all'] as const), async (reading) => {
      const setup = await setupOf(planned, pairs, stage, { task, reading, validation });
      const name = `teacher-${task}-${reading}`;
      const teacher = thatRests(run, planned.found[task]!, name, await obtainTeacher(setup));
      await teacher.rest?.();
      return { reading, share: 1, ...teacher };
    }));
  const resting = restOf(readers);
  if (readers.length === 1) {
    return { teacher: joinReaders(engine, readers, pairs.known[task]!), readers, lists, ...resting };
  }
  return releasingOnError(readers, async () => {
    await resting.wake();
    const trained = readingsOf(pairs.own[task]!);
    const weights = ready?.map(({ share }) => share) ?? (validation ? 'validation' : [1, 1]);
    const { shares, ...ensemble } = await weigh(
      readers.map(({ reading, teacher }) => readingTeacher(teacher, trained[reading], '')),
      { ...AVERAGE, weights },
      { signal, ...(validation && { validation }) },
    );
    await resting.rest();
    const weighed = readers.map((reader, i) => ({ ...reader, share: shares[i]! }));
    const teacher = joinReaders(engine, weighed, pairs.known[task]!);
    return { teacher, readers: weighed, ensemble, lists, ...resting };
  });
}

/** The readers of a stored teacher that reads all behaviours; undefined for any other teacher. */
function readersOf({ run, found }: PlannedTasks, task: number): Reader[] | undefined {
  const { ready, stored } = found[task]!;
  if (!ready || stored?.reads !== 'all') return undefined;
  const [own, all] = ready.create(run.engine).members!;
  return [
    { reading: 'own', ...own! },
    { reading: 'all', ...all! },
  ];
}

async function setupOf(
  planned: PlannedTasks,
  pairs: LearnedPairs,
  stage: RunningStage,
  { task, reading, validation, identity }: Place,
): Promise<TeacherSetup> {
  const { run, settings, found } = planned;
  const { name, teacher, teacherOfAll = teacher } = settings.tasks[task]!;
  const loops = 2 * settings.tasks.length;
  const readings = readingsOf(pairs.own[task]!);
  const fit = await stage.fit(identity, 2 * task + Number(reading === 'all'), loops);
  return {
    settings: reading === 'own' ? teacher : teacherOfAll,
    found: found[task]!,
    hashFor: (teacher) => hashOf(hashOfTask(planned, task), { teacher, reading }),
    stages: run.stages,
    stage: `teacher-${task}-${reading}`,
    context: {
      ...fit,
      rng: run.rng.fork(`teacher-${name}`),
      train: readPairs(pairs, task, reading),
      ...(validation && { validation: readingValidation(validation, readings[reading]) }),
    },
    logger: run.logger,
  };
}

/** [users with any, items] the histories that a task's reader learns from: some teachers hold a matrix of users x users. */
function readPairs({ own, context }: LearnedPairs, task: number, reading: Reader['reading']): Csr {
  return rowsWithHistory(reading === 'own' ? own[task]! : readingsOf(own[task]!).all(unionOf(own, context)));
}

/** The histories of all behaviours. */
export function unionOf(own: readonly Csr[], context: Csr | null): Csr {
  return own.reduce(unionRows, context ?? own[0]!);
}

/** Hash of the data and the plan of one task's teacher; a reader's also depends on how it reads. */
export function hashOfTask(
  { run, tasks, dataset, settings, found, learned }: PlannedTasks,
  task: number,
): string {
  const { engine, spec } = run;
  const { name, teacher, teacherOfAll } = settings.tasks[task]!;
  const plans = splitPlans(spec, tasks);
  return hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.distillation.seed, {
    // It is validated, and may be trained, on what the other tasks' splits leave of their pairs.
    splits: tasks.map((one, i) => [one.name, plans[i]]),
    teacher: identityOf(teacher, found[task]!),
    ...(teacherOfAll && { teacherOfAll: identityOf(teacherOfAll, found[task]!) }),
    name,
    patience: settings.patience,
    unseenUsers: spec.evaluation.unseenUsers,
    learned: learned.map((one) => one?.hash ?? null),
  });
}

async function eachTask(
  { settings }: PlannedTasks,
  obtain: (task: number) => Promise<TaskTeacher>,
): Promise<TasksTeacher> {
  const taught = await inOrder([...settings.tasks.keys()], obtain);
  return {
    taught,
    async wake() {
      for (const teacher of taught) await teacher.wake();
    },
    dispose() {
      for (const { teacher } of taught) teacher.dispose();
    },
  };
}
