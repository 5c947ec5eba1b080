import { hashOf } from '../../../core/hash.ts';
import { columnSums } from '../../../dataset/matrix.ts';
import { findNewItems } from '../../../dataset/new-items.ts';
import { type ChosenTeacher, restoreTeacher } from '../../../teacher/registry.ts';
import { isTrainingFailure } from '../../../teacher/training-failure.ts';
import { withTried } from '../../../teacher/wrap.ts';
import { obtain } from '../../run/obtain.ts';
import type { RunningStage } from '../../run/run.ts';
import { retrainTeacher } from '../../teachers/obtain-teacher.ts';
import { thatRests } from '../../teachers/resting.ts';
import { asRankingTeacher, chosenOf, type EnsembleFacts, identityOf } from '../../teachers/teacher-setup.ts';
import { hashOfGrown } from '../ranking/teach.ts';
import { inOrder } from './in-order.ts';
import { joinReaders, type Reader, restOf } from './readers.ts';
import type { LearnedPairs } from './tasks-data.ts';
import {
  eachTask,
  hashOfTask,
  type PlannedTasks,
  readAs,
  searchTeachers,
  setupOf,
  storedReaders,
  type TasksTeacher,
  type TaskTeacher,
} from './teach.ts';

/** Settings and parameters of a reader that a later training goes on from; the reader itself can be released then. */
type ChosenReader = Pick<Reader, 'reading' | 'share'> & {
  chosen: ChosenTeacher;
  tried: Reader['teacher']['tried'];
};

/** All that a later training needs of a task's teacher. */
export interface ChosenReaders {
  readers: readonly ChosenReader[];
  ensemble?: EnsembleFacts;
}

export function chosenReaders(planned: PlannedTasks, { taught }: TasksTeacher): ChosenReaders[] {
  return taught.map((one, task) => readersOf(planned, one, task));
}

function readersOf({ found }: PlannedTasks, { readers, ensemble }: TaskTeacher, task: number): ChosenReaders {
  return {
    readers: readers.map(({ reading, share, teacher }) => ({
      ...{ reading, share, tried: teacher.tried },
      chosen: chosenOf(found[task]!, teacher),
    })),
    ...(ensemble && { ensemble }),
  };
}

/** Trains the teachers on, on more pairs, with what training chose and with the shares that they had. */
export function reteachTasks(
  planned: PlannedTasks,
  { before, whole }: { before: LearnedPairs; whole: LearnedPairs },
  stage: RunningStage,
  { chosen, identity }: { chosen: readonly ChosenReaders[]; identity: readonly unknown[] },
): Promise<TasksTeacher> {
  return retrainEach(planned, whole, chosen, async (task, own) => {
    const setup = await setupOf(planned, whole, stage, { task, reading: own.reading, identity });
    const newItems = findNewItems(setup.context.train, columnSums(readAs(before, task, own.reading)));
    return {
      name: `refit-teacher-${task}-${own.reading}`,
      ...(await retrainTeacher(setup, own.chosen, newItems)),
    };
  });
}

/**
 * Obtains the teachers of all tasks: validation chooses their settings, their shares and how their student is made, and then they
 * are trained on with the validation pairs. Else they would know less than the student and its controls, which learn from all that is
 * known before the test.
 * @param choose makes the choices that need teachers which do not know the validation pairs yet
 */
export async function teachTasks(
  planned: PlannedTasks,
  { search, taught }: { search: LearnedPairs; taught: LearnedPairs },
  stage: RunningStage,
  choose: (tested: TasksTeacher) => Promise<void>,
): Promise<TasksTeacher> {
  const tested = await searchTeachers(planned, search, stage);
  const chosen: ChosenReaders[] = [];
  try {
    for (const [task, one] of tested.taught.entries()) {
      await one.wake();
      chosen.push(readersOf(planned, one, task));
      await one.rest();
    }
    await choose(tested);
  } catch (error) {
    tested.dispose();
    throw error;
  }
  if (isSame(search, taught)) return withLists(planned, tested, '');
  // Both at once would be twice the memory.
  tested.dispose();
  try {
    const grown = await retrainEach(planned, taught, chosen, (task, own) =>
      grow(planned, { search, taught }, stage, task, own),
    );
    return withLists(planned, grown, 'with validation pairs');
  } catch (error) {
    if (!isTrainingFailure(error)) throw error;
    planned.run.warn(`The teachers of the tasks do not know the validation pairs: ${error.detail}`);
    return withLists(planned, await searchTeachers(planned, search, stage), '');
  }
}

const isSame = (a: LearnedPairs, b: LearnedPairs) =>
  a.own.every(({ indices }, task) => indices.length === b.own[task]!.indices.length);

/** One reader that learns the validation pairs too, or the same one as an earlier job had. */
async function grow(
  planned: PlannedTasks,
  { search, taught }: { search: LearnedPairs; taught: LearnedPairs },
  stage: RunningStage,
  task: number,
  { reading, chosen, tried }: ChosenReader,
) {
  const { run, found } = planned;
  const name = `grown-teacher-${task}-${reading}`;
  const setup = await setupOf(planned, taught, stage, { task, reading, round: 1 });
  const { ready } = setup.found;
  const newItems = findNewItems(setup.context.train, columnSums(readAs(search, task, reading)));
  if (ready || found[task]!.members?.some((member) => member.ready))
    return { name, ...(await retrainTeacher(setup, chosen, newItems)) };
  const teacher = await obtain(run, {
    hash: hashOfGrown(setup.hashFor(identityOf(setup.settings, setup.found))),
    checkpoint: name,
    async train(resume) {
      const again = { ...setup, context: { ...setup.context, resume } };
      return withTried((await retrainTeacher(again, chosen, newItems)).teacher, tried);
    },
    restore: (state) => restoreTeacher(run.engine, state),
  });
  return { name, ...asRankingTeacher(teacher) };
}

function retrainEach(
  planned: PlannedTasks,
  pairs: LearnedPairs,
  chosen: readonly ChosenReaders[],
  retrain: (
    task: number,
    own: ChosenReader,
  ) => Promise<Pick<Reader, 'teacher'> & { name: string; dispose(): void }>,
): Promise<TasksTeacher> {
  const { run, found } = planned;
  return eachTask(planned, async (task) => {
    const { readers: before, ensemble } = chosen[task]!;
    const readers =
      storedReaders(planned, task) ??
      (await inOrder(before, async (own): Promise<Reader> => {
        const { name, ...trained } = await retrain(task, own);
        const teacher = thatRests(run, found[task]!, name, trained);
        await teacher.rest?.();
        return { reading: own.reading, share: own.share, ...teacher };
      }));
    const teacher = joinReaders(run.engine, readers, pairs.known[task]!);
    return { teacher, readers, ...(ensemble && { ensemble }), ...restOf(readers) };
  });
}

/** Keeps the teachers' lists from job to job. @param knows what they learned beside the training pairs */
function withLists(planned: PlannedTasks, { taught, ...rest }: TasksTeacher, knows: string): TasksTeacher {
  const { run, settings } = planned;
  const { targets, taught: users } = settings.distillation;
  const lists = (task: number) =>
    run.stages.outputs(hashOf(hashOfTask(planned, task), settings.tasks[task]!.reads, targets, users, knows));
  return { ...rest, taught: taught.map((one, task) => ({ ...one, lists: lists(task) })) };
}
