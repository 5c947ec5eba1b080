import type { StudentWeights } from '../artifact/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { scaleRows, stepsPerEpoch, usersWithHistory } from '../dataset/batches.ts';
import { columnSums, selectRows } from '../dataset/matrix.ts';
import { type DistillSettings, distill } from '../distillation/distill.ts';
import { svdTransfer } from '../distillation/transfer.ts';
import { createFoldInStudent, type FoldInStart, randomStart } from '../student/fold-in.ts';
import type { Teacher, TrainingContext } from '../teacher/contract.ts';
import type { FitResult } from '../tensor/fit.ts';
import type { TrainingSettings } from './plan.ts';

/** Users whose scores the start of the student is fitted to. */
const TRANSFER_SAMPLE = 1024;

export interface TrainedStudent {
  weights: StudentWeights;
  fit: FitResult;
}

/**
 * The student that is published: started from the teacher's parameters, trained on its scores. Soft labels do not
 * overfit as hard ones do, so all epochs are run: stopping at the best of many noisy validations cost 2 % of NDCG.
 */
export async function trainDistilled(
  teacher: Teacher,
  settings: TrainingSettings,
  context: TrainingContext,
): Promise<TrainedStudent> {
  const { engine, train } = context;
  const rng = context.rng.fork('student-start');
  const { transfer } = settings.distillation;
  const start =
    transfer === 'svd'
      ? svdTransfer(
          engine,
          teacher,
          settings.student.dimensions,
          transferSample(context, rng),
          (histories) => scaleRows(histories, settings.student.normalization),
          rng,
        )
      : randomStart(train.columns, settings.student.dimensions, rng);
  const soft = settings.distillation.losses.some((loss) => loss.kind === 'softLabels');
  return trainStudent(teacher, start, { ...settings.distillation, weightDecay: 0 }, settings, {
    ...context,
    validation: soft ? undefined : context.validation,
  });
}

/** The control: the same student on the data alone, from random numbers (a start from the teacher would be help). */
export function trainAlone(settings: TrainingSettings, context: TrainingContext): Promise<TrainedStudent> {
  const start = randomStart(
    context.train.columns,
    settings.student.dimensions,
    context.rng.fork('alone-start'),
  );
  return trainStudent(null, start, settings.alone, settings, context);
}

async function trainStudent(
  teacher: Teacher | null,
  start: FoldInStart,
  how: DistillSettings & { learningRate: number; weightDecay: number },
  settings: TrainingSettings,
  context: TrainingContext,
): Promise<TrainedStudent> {
  const { engine, train } = context;
  const student = createFoldInStudent(engine, train.columns, settings.student, start, {
    kind: 'adamw',
    learningRate: how.learningRate,
    weightDecay: how.weightDecay,
    schedule: {
      kind: 'cosine',
      totalSteps: how.epochs * stepsPerEpoch(train, how.batchSize),
      finalFraction: 0.02,
    },
  });
  try {
    const fit = await distill(student, teacher, how, context);
    return { weights: student.weights(columnSums(train)), fit };
  } finally {
    student.parameters.dispose();
  }
}

function transferSample({ train }: TrainingContext, rng: Rng) {
  return selectRows(train, rng.shuffle(usersWithHistory(train)).subarray(0, TRANSFER_SAMPLE));
}
