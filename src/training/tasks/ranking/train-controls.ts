import { usersWithHistory } from '../../../dataset/batches.ts';
import { isCutShort } from '../../../dataset/data-size.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';
import { type BestAlone, trainBestAlone } from '../../controls/best-alone.ts';
import { partOf } from '../../run/part-of.ts';
import type { TrainingSettings } from './plan.ts';
import { type Fading, type TrainedStudent, trainAlone } from './train-student.ts';

/** Models that the student has to beat: itself without a teacher, and the best small model without one. */
export interface RankingControls {
  alone: TrainedStudent;
  best: BestAlone;
  /** Afterwards `alone` has no scores any more; all weights stay. */
  dispose(): void;
}

/** Epochs without a better metric after which a control that started from iALS ends. */
const PATIENCE_OF_SOLVED = 3;

type ControlContext = TrainingContext & { fade?: Fading | undefined };

/** @param learned [users, items] what the student learns from, and so the controls */
export async function trainControls(
  settings: TrainingSettings,
  context: ControlContext,
  learned: Csr,
): Promise<RankingControls> {
  const alone = await trainStudentAlone(settings, partOf(context, 0, 0.8), learned);
  try {
    const { train, validation } = context;
    const lesson = { train, learned, student: settings.student, validation };
    const best = await trainBestAlone(lesson, partOf(context, 0.8, 1, 'best-alone'));
    return { alone, best, dispose: alone.dispose };
  } catch (error) {
    alone.dispose();
    throw error;
  }
}

/**
 * Trains the student without a teacher until validation gets no better, and then anew, for as many epochs, on all that the
 * student learns from. Its curve is that of the first training. Where there are so many users that the plan has a few epochs only,
 * none of them is too many, and it is trained once. One whose users are solved starts from iALS, so that it may get worse from the
 * first step on: it is validated at any size, with less patience, and where no epoch was better than the start it stays there.
 */
async function trainStudentAlone(
  settings: TrainingSettings,
  context: ControlContext,
  learned: Csr,
): Promise<TrainedStudent> {
  const { train, validation } = context;
  const { alone } = settings;
  if (learned === train || !validation) return trainAlone(settings, { ...context, train: learned });
  const isSolved = settings.student.user === 'solved';
  if (!isSolved && isCutShort(usersWithHistory(train).length, alone.batchSize))
    return trainAlone(settings, { ...context, train: learned, validation: undefined });
  const { fit, startMetric, dispose } = await trainAlone(settings, {
    ...partOf(context, 0, 0.6, 'to choose the epochs'),
    validation: isSolved ? { ...validation, patience: PATIENCE_OF_SOLVED } : validation,
  });
  dispose();
  const stays = startMetric !== undefined && startMetric >= (fit.bestMetric ?? 0);
  const epochs = stays ? 0 : (fit.bestEpoch ?? fit.epochs);
  const roundedEpochs = Math.ceil((alone.roundedEpochs * epochs) / alone.epochs);
  const { resume: _, ...anew } = partOf(context, 0.6, 1, 'with these epochs');
  const again = await trainAlone(
    // The learning rate falls as it did when these epochs were found to be the best.
    { ...settings, alone: { ...alone, epochs, roundedEpochs, plannedEpochs: alone.epochs } },
    { ...anew, train: learned, validation: undefined },
  );
  return { ...again, fit };
}
