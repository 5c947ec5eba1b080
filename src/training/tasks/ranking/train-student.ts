import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../../../dataset/matrix.ts';
import { alsoWithoutNewItems } from '../../../dataset/new-items.ts';
import { cutEverywhere } from '../../../dataset/split/prefixes.ts';
import { someTaught } from '../../../dataset/taught-users.ts';
import { alsoThinned } from '../../../dataset/thinned.ts';
import { type DistillSettings, distill } from '../../../distillation/distill.ts';
import type { CurriculumReport } from '../../../distillation/lists/curriculum.ts';
import { lowerDisliked } from '../../../distillation/lists/lowered.ts';
import type { TeacherSource } from '../../../distillation/lists/teacher-source.ts';
import { auxiliaryParameters } from '../../../distillation/losses/registry.ts';
import { startChecked } from '../../../distillation/transfer/checked-start.ts';
import { splitFeatures } from '../../../distillation/transfer/split-features.ts';
import { ialsTransfer } from '../../../distillation/transfer/transfer-solved.ts';
import { type LossSettings, lossOf } from '../../../domain/losses/loss-spec.ts';
import type { NewItemsReport } from '../../../domain/reports/new-items-report.ts';
import { createStudent } from '../../../student/create-student.ts';
import type { NamedInitial } from '../../../student/network.ts';
import { createStudentSide } from '../../../student/side-inputs.ts';
import { type FoldInStart, randomStart } from '../../../student/start.ts';
import type { Teacher, TrainingContext } from '../../../teacher/contract.ts';
import type { FitResult } from '../../../tensor/train/fit.ts';
import { type NamedValues, readNamed } from '../../../tensor/train/named-values.ts';
import { refuseAbsurd } from '../../controls/refuse-absurd.ts';
import type { NewUsersFigures } from '../../new-users/learn-new-users.ts';
import { tellPart } from '../../run/part-of.ts';
import { type StartAgain, settingsAgain, studentAgain } from '../../run/start-again.ts';
import { askTeacher, type EarlierAnswers } from './ask-teacher.ts';
import { learnFactors } from './learn-factors.ts';
import type { TrainingSettings } from './plan.ts';
import { type Pace, studentOptimizer } from './student-optimizer.ts';

/** Users whose scores the start of the student is fitted to. */
const TRANSFER_SAMPLE = 8192;
/** Part of the time of a student's start that the teacher's lists take. */
export const LISTS_SHARE = 0.7;

/** Histories by rows of the data set's matrix, or parts of them. */
export type Fading = (histories: Csr) => Csr;

type Metric = NonNullable<TrainingContext['validation']>['metric'];

export interface TrainedStudent {
  weights: StudentWeights;
  /** Report on items that came later, where rows for them were fitted. */
  newItems?: NewItemsReport;
  /** How it did on users of whom only features are known, where it reads any. */
  coldUsers?: NewUsersFigures;
  fit: FitResult;
  /** The validation metric before the first epoch: what the transfer alone gives. */
  startMetric?: number;
  /** The way of its users through a curriculum, where one taught. */
  curriculum?: CurriculumReport;
  /** The scores before the weights were rounded, [rows, items] row-major. */
  scores(histories: Csr): Float32Array;
  /** Copies of all parameters before they were rounded, which a refit starts from. */
  values(): NamedValues;
  /** Afterwards only the weights are left. */
  dispose(): void;
}

/** The histories that the teacher is asked about, [users, items], where they are longer than what it was trained on. */
export type TeachingContext = Omit<TrainingContext, 'start'> & {
  /** The student as it was tested, to go on from instead of taking over what the teacher has. */
  again?: StartAgain;
  /** [items that it has rows for] the weight of each in what it learned from until then. */
  learnedBefore?: Float32Array;
  histories?: Csr;
  /** [users, items] by the rows of the data set: what users dislike, where settings say that it is taught. */
  disliked?: Csr;
  /** Returns histories as models are asked with them, where older items say less; pairs that are learned keep their weights. */
  fade?: Fading;
  /** Taken after every epoch, for the report alone. */
  measure?: Metric;
  /** Told what had to be done in another way than the job asks for. */
  warn?(message: string): void;
};

/** The rest of a training whose start is ready. */
export type Training = (fit: Pick<TrainingContext, 'onProgress' | 'resume'>) => Promise<TrainedStudent>;

/**
 * Readies the student that is published: started from the teacher's parameters, trained on its scores. Soft labels do not
 * overfit as hard ones do, so all epochs are run: stopping at the best of many noisy validations cost 2 % of NDCG. That leaves
 * the validation pairs free to be a part of the histories. A student on hard labels alone needs them to stop by.
 */
export async function startDistilled(
  teacher: Teacher,
  settings: TrainingSettings,
  asked: TeachingContext,
  earlier: EarlierAnswers = {},
): Promise<Training> {
  const { student } = settings;
  // What learns from the data alone has nothing to go on from: it learns anew from all that there is.
  const again = settings.distillation.epochs > 0 ? asked.again : undefined;
  const distillation = again ? settingsAgain(settings.distillation, again.pace) : settings.distillation;
  const taught = learnsFromTeacher(settings);
  const whole = taught ? (asked.histories ?? asked.train) : asked.train;
  const histories = taught && !teacher.listed ? someTaught(whole, asked.rng.fork('taught-users')) : whole;
  const thinned = taught && !teacher.listed && !histories.order ? (distillation.thinned ?? 0) : 0;
  const read = asked.fade ?? ((all) => all);
  const longer = withNewItems(read(histories), { ...asked, again });
  const shown = alsoThinned(longer, thinned, asked.rng.fork('thinned'));
  const context = inCuts({ ...asked, train: shown });
  const rng = context.rng.fork('student-start');
  const sample = transferSample(context.next ? context.train : read(asked.train), rng, teacher.listed);
  const tellLists = tellPart(asked, 0, LISTS_SHARE);
  const { dislikes = 0 } = distillation;
  const lowered =
    dislikes > 0 && asked.disliked ? lowerDisliked(asked.engine, teacher, asked.disliked, dislikes) : teacher;
  const source = await askTeacher(lowered, distillation, context, sample, earlier, tellLists);
  const transfer = again ? 'none' : distillation.transfer;
  const ials = transfer === 'ials' ? await learnFactors(asked, whole, student.dimensions, rng) : undefined;
  const { start: checked, replaced } = startChecked(transfer, {
    ...{ engine: context.engine, teacher, student, sample, rng },
    ...(ials && { ials }),
    scale: startScale(distillation.losses),
    tell: tellPart(asked, LISTS_SHARE, 1),
  });
  if (replaced) asked.warn?.(replaced);
  const start =
    context.features && !again ? splitFeatures(checked, context.features, sample, student) : checked;
  const auxiliary = {
    ...auxiliaryParameters(distillation.losses, student.dimensions, source.widths, rng.fork('losses')),
    ...(again && studentAgain(again, rng)),
  };
  return (fit) =>
    trainStudent(source.source, { start, auxiliary }, distillation, settings, {
      ...context,
      ...fit,
      popularity: columnSums(whole),
      validation: taught ? undefined : context.validation,
      startMetric: context.validation?.metric,
    });
}

/** A student that is taught on also sees histories in which new items are missing; where order counts all beginnings are taught. */
function withNewItems(histories: Csr, { again, learnedBefore, rng }: TeachingContext): Csr {
  if (!again || !learnedBefore || histories.order) return histories;
  return alsoWithoutNewItems(histories, learnedBefore, rng.fork('without-new-items'));
}

/** False for a student on hard labels alone, whose validation pairs are not taught. */
export function learnsFromTeacher({ distillation }: Pick<TrainingSettings, 'distillation'>): boolean {
  return distillation.losses.some(({ kind }) => lossOf(kind).learnsFrom !== 'data');
}

/**
 * Trains the student on the data alone, from random numbers (a start from the teacher would be help), or from iALS on the same data
 * where its user vector is solved.
 */
export async function trainAlone(
  settings: TrainingSettings,
  { fade, ...all }: TrainingContext & { fade?: Fading | undefined },
): Promise<TrainedStudent> {
  const popularity = columnSums(all.train);
  const context = fade
    ? { ...all, popularity, train: fade(all.train), next: all.train }
    : { ...inCuts(all), popularity };
  const { student } = settings;
  const rng = context.rng.fork('alone-start');
  const start =
    student.user === 'solved'
      ? ialsTransfer({
          ...{ engine: all.engine, student, sample: all.train, scale: 'spread' },
          ials: await learnFactors(all, all.train, student.dimensions, rng),
        })
      : randomStart(context.train.columns, student, rng);
  return trainStudent(null, { start, auxiliary: {} }, settings.alone, settings, {
    ...context,
    // Random numbers need no measuring.
    ...(student.user === 'solved' && context.validation && { startMetric: context.validation.metric }),
  });
}

interface StudentContext extends TrainingContext {
  /** [items] weight in training. */
  popularity: Float32Array;
  /** See Prefixes. */
  next?: Csr;
  startMetric?: Metric;
  measure?: Metric;
}

/** Returns the context with histories cut into their beginnings where order counts, each as somebody's history at that time. */
function inCuts<C extends TrainingContext>(context: C): C & Pick<StudentContext, 'next'> {
  if (!context.train.order) return context;
  const { histories, next } = cutEverywhere(context.train, context.rng.fork('cuts'));
  return { ...context, train: histories, next };
}

async function trainStudent(
  teacher: TeacherSource | null,
  { start, auxiliary }: { start: FoldInStart; auxiliary: NamedInitial },
  how: DistillSettings & Pace,
  settings: TrainingSettings,
  context: StudentContext,
): Promise<TrainedStudent> {
  const { engine, train } = context;
  const optimizer = studentOptimizer(how, train);
  const side = createStudentSide(engine, settings.student, context.features ?? {});
  const student = createStudent(engine, train.columns, settings.student, start, optimizer, auxiliary, side);
  const dispose = () => {
    student.parameters.dispose();
    side.dispose();
  };
  try {
    const startMetric = await context.startMetric?.(student.scores);
    const fit = await distill(student, teacher, how, context);
    refuseAbsurd(student.scores, train, context.rng);
    return {
      weights: student.weights(context.popularity),
      fit,
      startMetric,
      curriculum: teacher?.curriculum?.report(),
      scores: student.scores,
      values: () => readNamed(student.parameters),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Losses on the teacher's own scores want a start that has them; to the others only their order matters. */
export function startScale(losses: readonly LossSettings[]): 'same' | 'spread' {
  return losses.some((loss) => lossOf(loss.kind).keepsScale?.(loss)) ? 'same' : 'spread';
}

/** Histories that the start of a student is fitted to, of users whom the teacher knows. */
export function transferSample(train: Csr, rng: Rng, listed?: Csr): Csr {
  const users = usersWithHistory(train).filter((user) => !listed || rowLength(listed, user) > 0);
  return selectRows(train, rng.shuffle(users).subarray(0, TRANSFER_SAMPLE));
}
