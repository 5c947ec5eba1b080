import { hideRandomly, scaleRows, stepsPerEpoch, userBatches } from '../dataset/batches.ts';
import { selectRows } from '../dataset/matrix.ts';
import type { FoldInStudent } from '../student/fold-in.ts';
import type { Teacher, TrainingContext } from '../teacher/contract.ts';
import { type FitResult, fit } from '../tensor/fit.ts';
import { distillationLoss, type LossSettings } from './losses.ts';
import { pairWeights } from './pair-weights.ts';

export interface DistillSettings {
  losses: LossSettings[];
  epochs: number;
  batchSize: number;
  /** Share of the history hidden at each step, from teacher and student alike. */
  dropout: number;
}

/**
 * Trains the student on the frozen teacher's scores and on the data. Without a teacher only the losses that need none
 * may be given: that is the control in every report.
 *
 * Both models see the same partly hidden history, so that each epoch asks the teacher about new histories.
 */
export async function distill(
  student: FoldInStudent,
  teacher: Teacher | null,
  settings: DistillSettings,
  context: TrainingContext,
): Promise<FitResult> {
  const { engine, train } = context;
  const draws = context.rng.fork('student-batches');
  return fit({
    parameters: student.parameters,
    epochs: settings.epochs,
    stepsPerEpoch: stepsPerEpoch(train, settings.batchSize),
    *batches() {
      for (const users of userBatches(train, settings.batchSize, draws)) {
        const own = selectRows(train, users);
        const seen = hideRandomly(own, settings.dropout, draws);
        yield {
          x: student.input(seen),
          labels: engine.sparseRows(scaleRows(own, 'l1')),
          teacher: teacher?.scores(seen),
          pairWeights: teacher ? pairWeights(engine, own) : undefined,
        };
      }
    },
    loss: (p, batch) =>
      distillationLoss(engine, settings.losses, { ...batch, logits: student.network(p, batch.x) }),
    release(batch) {
      batch.x.dispose();
      batch.labels.dispose();
      batch.teacher?.dispose();
      batch.pairWeights?.dispose();
    },
    validation: context.validation && {
      ...context.validation,
      metric: () => context.validation!.metric(student.scores),
    },
    rng: draws,
    signal: context.signal,
    onProgress: context.onProgress,
    ...context.resume,
  });
}
