import type { StudentWeights } from '../artifact/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { stepsPerEpoch, usersWithHistory } from '../dataset/batches.ts';
import { type Csr, columnSums, rowLength, selectRows } from '../dataset/matrix.ts';
import { auxiliaryParameters } from '../distillation/auxiliary.ts';
import { type DistillSettings, distill } from '../distillation/distill.ts';
import type { OutputsCache } from '../distillation/teacher-outputs.ts';
import type { TeacherSource } from '../distillation/teacher-source.ts';
import { startStudent } from '../distillation/transfer.ts';
import { createFoldInStudent, type NamedInitial } from '../student/fold-in.ts';
import { type FoldInStart, randomStart } from '../student/start.ts';
import type { Teacher, TrainingContext } from '../teacher/contract.ts';
import type { FitResult } from '../tensor/fit.ts';
import { askTeacher } from './ask-teacher.ts';
import type { TrainingSettings } from './plan.ts';

/** Users whose scores the start of the student is fitted to. */
const TRANSFER_SAMPLE = 8192;

type Metric = NonNullable<TrainingContext['validation']>['metric'];

export interface TrainedStudent {
  weights: StudentWeights;
  fit: FitResult;
  /** The validation metric before the first epoch: what the transfer alone gives. */
  startMetric?: number;
  /** Before its weights were rounded, [rows, items] row-major. */
  scores(histories: Csr): Float32Array;
  /** Afterwards there are no scores any more; the weights stay. */
  dispose(): void;
}

/** The histories that the teacher is asked about, [users, items], where they are longer than what it was trained on. */
export type TeachingContext = TrainingContext & {
  histories?: Csr;
  /** Taken after every epoch, for the report alone. */
  measure?: Metric;
};

/**
 * The student that is published: started from the teacher's parameters, trained on its scores. Soft labels do not
 * overfit as hard ones do, so all epochs are run: stopping at the best of many noisy validations cost 2 % of NDCG. That leaves
 * the validation pairs free to be a part of the histories. A student on hard labels alone needs them to stop by.
 */
export async function trainDistilled(
  teacher: Teacher,
  settings: TrainingSettings,
  context: TeachingContext,
  cache?: OutputsCache,
): Promise<TrainedStudent> {
  const { distillation, student } = settings;
  const rng = context.rng.fork('student-start');
  const sample = transferSample(context.train, rng, teacher.listed);
  const taught = distillation.losses.some((loss) => loss.kind !== 'hardLabels');
  const train = taught ? (context.histories ?? context.train) : context.train;
  const source = await askTeacher(teacher, distillation, { ...context, train }, sample, cache);
  const start = startStudent(distillation.transfer, {
    engine: context.engine,
    teacher,
    student,
    sample,
    rng,
    scale: distillation.losses.some((loss) => loss.kind === 'softLabels' && loss.scores === 'raw')
      ? 'same'
      : 'spread',
  });
  const auxiliary = auxiliaryParameters(
    distillation.losses,
    student.dimensions,
    source.widths,
    rng.fork('losses'),
  );
  return trainStudent(source.source, { start, auxiliary }, { ...distillation, weightDecay: 0 }, settings, {
    ...context,
    train,
    validation: taught ? undefined : context.validation,
    startMetric: context.validation?.metric,
  });
}

/** The control: the same student on the data alone, from random numbers (a start from the teacher would be help). */
export function trainAlone(settings: TrainingSettings, context: TrainingContext): Promise<TrainedStudent> {
  const start = randomStart(context.train.columns, settings.student, context.rng.fork('alone-start'));
  return trainStudent(null, { start, auxiliary: {} }, settings.alone, settings, context);
}

async function trainStudent(
  teacher: TeacherSource | null,
  { start, auxiliary }: { start: FoldInStart; auxiliary: NamedInitial },
  how: DistillSettings & { learningRate: number; weightDecay: number },
  settings: TrainingSettings,
  context: TrainingContext & { startMetric?: Metric; measure?: Metric },
): Promise<TrainedStudent> {
  const { engine, train } = context;
  const optimizer = {
    kind: 'adamw',
    learningRate: how.learningRate,
    weightDecay: how.weightDecay,
    schedule: {
      kind: 'cosine',
      totalSteps: how.epochs * stepsPerEpoch(train, how.batchSize),
      finalFraction: 0.02,
    },
  } as const;
  const student = createFoldInStudent(engine, train.columns, settings.student, start, optimizer, auxiliary);
  try {
    const startMetric = await context.startMetric?.(student.scores);
    const fit = await distill(student, teacher, how, context);
    return {
      weights: student.weights(columnSums(train)),
      fit,
      startMetric,
      scores: student.scores,
      dispose: () => student.parameters.dispose(),
    };
  } catch (error) {
    student.parameters.dispose();
    throw error;
  }
}

/** Of users whom the teacher knows. */
function transferSample(train: Csr, rng: Rng, listed: Csr | undefined) {
  const users = usersWithHistory(train).filter((user) => !listed || rowLength(listed, user) > 0);
  return selectRows(train, rng.shuffle(users).subarray(0, TRANSFER_SAMPLE));
}
