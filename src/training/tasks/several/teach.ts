import { hashOf } from '../../../core/hash.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { rowsWithHistory } from '../../../dataset/batches.ts';
import { type Csr, unionRows } from '../../../dataset/matrix.ts';
import type { OutputsCache } from '../../../distillation/lists/teacher-outputs.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import type { ModelValidation, Teacher } from '../../../teacher/contract.ts';
import { AVERAGE } from '../../../teacher/several/ensemble.ts';
import type { Held } from '../../run/holding.ts';
import type { Run, RunningStage } from '../../run/run.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import type { learnedBefore } from '../../teachers/learned-before.ts';
import { weigh } from '../../teachers/obtain-ensemble.ts';
import { obtainTeacher } from '../../teachers/obtain-teacher.ts';
import { thatRests } from '../../teachers/resting.ts';
import { type EnsembleFacts, identityOf, type TeacherSetup } from '../../teachers/teacher-setup.ts';
import { createValidation } from '../ranking/validation.ts';
import { type HeldEverywhere, validationHistories } from './held-everywhere.ts';
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
  /** See heldEverywhere. */
  held: HeldEverywhere;
  settings: TasksSettings;
  /** Settings of the control that may be published in the student's place. */
  control: TasksSettings | undefined;
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

/** Obtains the teachers of all tasks as validation chooses them. @param pairs without those of validation */
export function searchTeachers(planned: PlannedTasks, pairs: LearnedPairs, stage: RunningStage) {
  return eachTask(planned, (task) => teachTask(planned, pairs, stage, task));
}

/** The stage has three parts: all readers, the choice of the student, and all readers once more with the validation pairs. */
export const ROUNDS = 3;

/** Where a reader is obtained in the job: which teacher it is, and of what loop. */
export interface Place {
  task: number;
  reading: Reader['reading'];
  validation?: ModelValidation | undefined;
  /** For a teacher that is not kept for other jobs. */
  identity?: readonly unknown[];
  /** Which time all readers are trained in the stage: 1 with the validation pairs, where they are chosen before. */
  round?: 0 | 1;
}

/** Obtains one task's teacher; where it reads all behaviours, two, which count as is best on validation. */
async function teachTask(
  planned: PlannedTasks,
  pairs: LearnedPairs,
  stage: RunningStage,
  task: number,
): Promise<TaskTeacher> {
  const { run, settings, split } = planned;
  const { engine, rng, signal } = run;
  const { name, reads } = settings.tasks[task]!;
  const validation = createValidation(
    split[task]!.split,
    settings.patience,
    rng.fork(`validation-${name}`),
    split[task]!.unlisted ?? {},
    validationHistories(planned, task),
  );
  const ready = storedReaders(planned, task);
  const readers =
    ready ??
    (await inOrder(reads === 'own' ? (['own'] as const) : (['own', 'all'] as const), async (reading) => {
      const setup = await setupOf(planned, pairs, stage, { task, reading, validation, round: 0 });
      const name = `teacher-${task}-${reading}`;
      const teacher = thatRests(run, planned.found[task]!, name, await obtainTeacher(setup));
      await teacher.rest?.();
      return { reading, share: 1, ...teacher };
    }));
  const resting = restOf(readers);
  if (readers.length === 1) {
    return { teacher: joinReaders(engine, readers, pairs.known[task]!), readers, ...resting };
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
    return { teacher, readers: weighed, ensemble, ...resting };
  });
}

/** The readers of a stored teacher that reads all behaviours; undefined for any other teacher. */
export function storedReaders({ run, found }: PlannedTasks, task: number): Reader[] | undefined {
  const { ready, stored } = found[task]!;
  if (!ready || stored?.reads !== 'all') return undefined;
  const [own, all] = ready.create(run.engine).members!;
  return [
    { reading: 'own', ...own! },
    { reading: 'all', ...all! },
  ];
}

export async function setupOf(
  planned: PlannedTasks,
  pairs: LearnedPairs,
  stage: RunningStage,
  { task, reading, validation, identity, round }: Place,
): Promise<TeacherSetup> {
  const { run, settings, found } = planned;
  const { name, teacher, teacherOfAll = teacher } = settings.tasks[task]!;
  const readers = 2 * settings.tasks.length;
  const readings = readingsOf(pairs.own[task]!);
  const loop = 2 * task + Number(reading === 'all');
  const fit =
    round === undefined
      ? await stage.fit(identity, loop, readers)
      : await stage.fit(identity, 2 * round * readers + loop, ROUNDS * readers);
  return {
    settings: reading === 'own' ? teacher : teacherOfAll,
    found: found[task]!,
    hashFor: (teacher) => hashOf(hashOfTask(planned, task), { teacher, reading }),
    stages: run.stages,
    stage: `teacher-${task}-${reading}`,
    context: {
      ...fit,
      rng: run.rng.fork(`teacher-${name}`),
      // Some teachers hold a matrix of users x users.
      train: rowsWithHistory(readAs(pairs, task, reading)),
      ...(validation && { validation: readingValidation(validation, readings[reading]) }),
    },
    logger: run.logger,
  };
}

/** [users, items] the histories that a task's reader learns from. */
export function readAs({ own, context }: LearnedPairs, task: number, reading: Reader['reading']): Csr {
  return reading === 'own' ? own[task]! : readingsOf(own[task]!).all(unionOf(own, context));
}

/** The histories of all behaviours. */
export function unionOf(own: readonly Csr[], context: Csr | null): Csr {
  return own.reduce(unionRows, context ?? own[0]!);
}

/** Hash of the data and the plan of one task's teacher; a reader's also depends on how it reads. */
export function hashOfTask(
  { run, tasks, dataset, settings, found, learned, held }: PlannedTasks,
  task: number,
): string {
  const { engine, spec } = run;
  const { name, teacher, teacherOfAll } = settings.tasks[task]!;
  const plans = splitPlans(spec, tasks);
  return hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.distillation.seed, {
    // It is validated, and may be trained, on what the other tasks' splits leave of their pairs.
    splits: tasks.map((one, i) => [one.name, plans[i], held[i] !== undefined]),
    teacher: identityOf(teacher, found[task]!),
    ...(teacherOfAll && { teacherOfAll: identityOf(teacherOfAll, found[task]!) }),
    name,
    patience: settings.patience,
    unseenUsers: spec.evaluation.unseenUsers,
    learned: learned.map((one) => one?.hash ?? null),
  });
}

export async function eachTask(
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
