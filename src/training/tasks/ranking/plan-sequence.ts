import type { DataSize } from '../../../dataset/data-size.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { completeLoss } from '../../../domain/losses/complete-losses.ts';
import type { CompleteLoss, LossSettings } from '../../../domain/losses/loss-spec.ts';
import { traitsOf } from '../../../domain/teachers/teacher-spec.ts';
import type { DistillationPlan } from './plan-distillation.ts';
import { planLosses } from './plan-losses.ts';
import { planRoundedEpochs } from './plan-student.ts';

/** Updates, whatever the number of histories. With a teacher and without one alike, so that the teacher is the only difference. */
const STEPS = 2400;
const WEIGHT_DECAY = 0.1;

/**
 * A sequential teacher's softmax was trained on the very question: its scores say more than their order. The data's own next
 * items weigh as much: on the tuning part of Amazon Beauty that, decay and 1.5 times the steps gave NDCG@10 .0539 (half the
 * weight, no decay .0519; the control .0533; the teacher .0497).
 */
export function planSequence(complete: CompleteDistillation, size: DataSize): DistillationPlan {
  const { distillation } = complete;
  const losses = distillation.losses ?? [teachersLoss(complete), completeLoss({ kind: 'hardLabels' })];
  const batchSize = distillation.batchSize ?? 256;
  const epochs = distillation.epochs ?? epochsOf(size, batchSize);
  return {
    losses: planLosses(losses, size.items),
    transfer: distillation.transfer ?? 'svd',
    epochs,
    batchSize,
    learningRate: distillation.learningRate ?? 0.005,
    weightDecay: WEIGHT_DECAY,
    dropout: distillation.dropout ?? 0.2,
    roundedEpochs: planSequenceRounding(complete, epochs),
  };
}

/** Logits are taken as they are. Of other scores, such as those of a blend, nobody knows the scale: their order counts. */
function teachersLoss({ teacher, task }: CompleteDistillation): CompleteLoss {
  return completeLoss({ kind: traitsOf(teacher, task).scores === 'logits' ? 'softLabels' : 'rankLabels' });
}

/** The control: the next item of the data alone. */
export function planSequenceControl(complete: CompleteDistillation, size: DataSize) {
  const { distillation } = complete;
  const batchSize = distillation.batchSize ?? 256;
  const epochs = distillation.epochs ?? epochsOf(size, batchSize);
  return {
    losses: [{ kind: 'hardLabels', weight: 1 }] satisfies LossSettings[],
    epochs,
    batchSize,
    learningRate: 0.005,
    dropout: 0.2,
    roundedEpochs: planRoundedEpochs(complete, epochs),
    weightDecay: WEIGHT_DECAY,
  };
}

/** There is a cut behind each training pair. */
function epochsOf({ users, pairs = users }: DataSize, batchSize: number): number {
  return Math.min(60, Math.max(2, Math.ceil((STEPS * batchSize) / pairs)));
}

/** Four bits change so much that all epochs but the first are needed to get used to them. */
function planSequenceRounding(complete: CompleteDistillation, epochs: number): number {
  const rounded = planRoundedEpochs(complete, epochs);
  return complete.student.quantization === 'int4' && rounded > 0 ? Math.max(1, epochs - 1) : rounded;
}
