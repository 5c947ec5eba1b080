import { problem } from '../../../core/errors.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import {
  type Curriculum,
  type CurriculumMember,
  createCurriculum,
} from '../../../distillation/lists/curriculum.ts';
import {
  computeOutputs,
  emptyOutputs,
  type OutputsCache,
  type OwnItems,
  type TeacherOutputs,
} from '../../../distillation/lists/teacher-outputs.ts';
import { createTeacherSource, type TeacherSource } from '../../../distillation/lists/teacher-source.ts';
import type { TeacherWidths } from '../../../distillation/losses/term.ts';
import { type LossSettings, lossOf } from '../../../domain/losses/loss-spec.ts';
import type { Teacher, TrainingContext } from '../../../teacher/contract.ts';
import { combiningOf } from '../../../teacher/several/ensemble.ts';
import type { Trajectory } from '../../teachers/trajectory.ts';

/** Scores of all users are kept up to this size, so that a slow teacher is asked once and not in every epoch. */
const KEEP_BYTES = 2 ** 30;

/** Answers of a teacher that need not be computed: the cache of its lists, and its lists of earlier epochs. */
export interface EarlierAnswers {
  cache?: OutputsCache;
  trajectories?: readonly Trajectory[];
}

/** The teacher's answers as the losses read them. */
export interface TeacherAnswers {
  source: TeacherSource;
  /** Widths of the teacher's vectors, where a loss compares them. */
  widths: TeacherWidths | undefined;
}

/**
 * Readies the teacher's answers that the losses need, and computes before training those that can be kept.
 * @throws problem('invalid-job') for a loss on hidden layers where the teacher has none
 */
export async function askTeacher(
  teacher: Teacher,
  settings: Pick<DistillSettings, 'losses' | 'dropout' | 'epochs'>,
  context: TrainingContext,
  sample: Csr,
  { cache, trajectories }: EarlierAnswers = {},
  tell: (done: number) => void = () => {},
): Promise<TeacherAnswers> {
  const { losses, dropout } = settings;
  const { engine, train, signal } = context;
  const widths = hiddenWidths(teacher, losses, sample);
  const outputs: TeacherOutputs[] = [];
  const wanted = listsWanted(losses, train.columns, teacher.listed !== undefined);
  const curriculum =
    trajectories &&
    wanted.has('hidden') &&
    (await followTrajectories(trajectories, teacher, settings, context, wanted));
  if (curriculum) outputs.push(curriculum.lists);
  for (const [ownItems, k] of wanted) {
    if (curriculum && ownItems === 'hidden') continue;
    if (settings.epochs === 0) {
      // Nobody will read them.
      outputs.push(emptyOutputs(train.rows, k, ownItems));
      continue;
    }
    let lists = await cache?.load({ k, ownItems });
    if (!lists) {
      lists = await computeOutputs(engine, teacher, train, k, ownItems, signal, tell);
      await cache?.save(lists);
    }
    outputs.push(lists);
  }
  const source = createTeacherSource(teacher, {
    engine,
    train,
    dropout,
    keepBytes: KEEP_BYTES,
    outputs,
    ...(curriculum && { curriculum }),
    sample,
  });
  return { source, widths };
}

async function followTrajectories(
  trajectories: readonly Trajectory[],
  teacher: Teacher,
  { epochs }: Pick<DistillSettings, 'epochs'>,
  { engine, train, signal }: TrainingContext,
  wanted: ReadonlyMap<OwnItems, number>,
): Promise<Curriculum> {
  const { constant } = combiningOf(teacher);
  const k = wanted.get('hidden')!;
  const members: CurriculumMember[] = [];
  for (const { share, stops } of trajectories) {
    const known = [];
    for (const { epoch, lists } of stops) {
      const found = await lists({ engine, train, k, signal });
      if (found) known.push({ epoch, lists: found });
    }
    members.push({ share, stops: known });
  }
  return createCurriculum(members, { constant, epochs, k });
}

/** True where losses ask the teacher at every step: else it is done with once its lists and the start are made. */
export function asksWhileTraining(losses: readonly LossSettings[]): boolean {
  return losses.some((loss) => {
    const { learnsFrom, listLength } = lossOf(loss.kind);
    return learnsFrom !== 'data' && !(listLength && listLength(loss, false) > 0);
  });
}

/** The longest list that a loss reads, for each way of looking at own items. */
function listsWanted(
  losses: readonly LossSettings[],
  items: number,
  onlyLists: boolean,
): Map<OwnItems, number> {
  const wanted = new Map<OwnItems, number>();
  for (const loss of losses) {
    const length = lossOf(loss.kind).listLength?.(loss, onlyLists) ?? 0;
    if (length === 0) continue;
    const ownItems = 'ownItems' in loss ? loss.ownItems : 'hidden';
    wanted.set(ownItems, Math.min(items, Math.max(length, wanted.get(ownItems) ?? 0)));
  }
  return wanted;
}

function hiddenWidths(
  teacher: Teacher,
  losses: readonly LossSettings[],
  sample: Csr,
): TeacherWidths | undefined {
  const wanting = losses.find(({ kind }) => lossOf(kind).learnsFrom === 'hiddenLayer');
  if (!wanting) return undefined;
  if (!teacher.hidden) {
    throw problem(
      'invalid-job',
      `distillation.losses: ${wanting.kind} needs a teacher with a hidden layer, which ${teacher.kind} has not; use softmax or autoencoder, or a loss on scores such as rankLabels`,
    );
  }
  const one = teacher.hidden(selectRows(sample, [0]));
  const user = one.shape[1]!;
  one.dispose();
  return { user, item: teacher.itemFactors?.(selectRows(sample, [0])).width };
}
