import { stepsPerEpoch } from '../../../dataset/batches.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import type { OptimizerSettings } from '../../../tensor/train/optimizer.ts';

export interface Pace {
  learningRate: number;
  weightDecay: number;
  /** The epochs over which the learning rate falls, where training ends before. */
  plannedEpochs?: number;
}

/** @param train what the epochs go over */
export function studentOptimizer(
  how: Pick<DistillSettings, 'epochs' | 'batchSize'> & Pace,
  train: Csr,
): OptimizerSettings {
  return {
    kind: 'adamw',
    learningRate: how.learningRate,
    weightDecay: how.weightDecay,
    schedule: {
      kind: 'cosine',
      totalSteps: Math.max(1, (how.plannedEpochs ?? how.epochs) * stepsPerEpoch(train, how.batchSize)),
      finalFraction: 0.02,
    },
  };
}
