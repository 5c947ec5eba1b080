import type { LossSettings } from '../distillation/term.ts';
import type { CompleteDistillation } from '../domain/complete-distillation.ts';
import { completeLoss } from '../domain/complete-losses.ts';
import type { DistillationPlan } from './plan-distillation.ts';
import type { DataSize } from './plan-epochs.ts';
import { planLosses } from './plan-losses.ts';
import { planRoundedEpochs } from './plan-student.ts';

/** Updates, whatever the number of histories: what a teacher says settles sooner than what the data say. */
const STEPS = 1200;
const STEPS_ALONE = 2400;

/**
 * A sequential teacher's softmax was trained on the very question: its scores say more than their order. With the data's own
 * next items beside them and a fifth of each history hidden, the student had NDCG@10 .0579 on the validation part of Amazon
 * Beauty, its teacher .0558.
 */
export function planSequence(complete: CompleteDistillation, size: DataSize): DistillationPlan {
  const { distillation } = complete;
  const losses = distillation.losses ?? [
    completeLoss({ kind: 'softLabels' }),
    completeLoss({ kind: 'hardLabels', weight: 0.5 }),
  ];
  const batchSize = distillation.batchSize ?? 256;
  const epochs = distillation.epochs ?? epochsOf(size, batchSize, STEPS);
  return {
    losses: planLosses(losses, size.items),
    transfer: distillation.transfer ?? 'svd',
    epochs,
    batchSize,
    learningRate: distillation.learningRate ?? 0.005,
    dropout: distillation.dropout ?? 0.2,
    roundedEpochs: planSequenceRounding(complete, epochs),
  };
}

/** The control: the next item of the data alone. */
export function planSequenceAlone(complete: CompleteDistillation, size: DataSize) {
  const { distillation } = complete;
  const batchSize = distillation.batchSize ?? 256;
  const epochs = distillation.epochs ?? epochsOf(size, batchSize, STEPS_ALONE);
  return {
    losses: [{ kind: 'hardLabels', weight: 1 }] satisfies LossSettings[],
    epochs,
    batchSize,
    learningRate: 0.005,
    dropout: 0.2,
    roundedEpochs: planRoundedEpochs(complete, epochs),
    weightDecay: 0.1,
  };
}

/** There is a cut behind each training pair. */
function epochsOf({ users, pairs = users }: DataSize, batchSize: number, steps: number): number {
  return Math.min(60, Math.max(2, Math.ceil((steps * batchSize) / pairs)));
}

/** Four bits change so much that all epochs but the first are needed to get used to them. */
function planSequenceRounding(complete: CompleteDistillation, epochs: number): number {
  const rounded = planRoundedEpochs(complete, epochs);
  return complete.student.quantization === 'int4' && rounded > 0 ? Math.max(1, epochs - 1) : rounded;
}
