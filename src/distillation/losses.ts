import type { CompleteLoss } from '../domain/complete-distillation.ts';
import type { Engine, Scalar, Tensor } from '../tensor/engine.ts';
import type { Loss } from '../tensor/parameters.ts';
import type { SparseBatch } from '../tensor/sparse.ts';

/** A loss with every setting filled in. */
export type LossSettings = CompleteLoss;

export interface DistillationBatch {
  /** Student's logits [B, N]. */
  logits: Tensor;
  /** Teacher's logits [B, N]; undefined for a student without a teacher. */
  teacher?: Tensor;
  /** The users' own items, each row a distribution, [B, N]. */
  labels: SparseBatch;
  /** w_ij of the pairs, [B, N]; undefined when all are 1. */
  pairWeights?: Tensor;
}

/** Weighted sum of the losses; each part is reported by its name, without its weight. */
export function distillationLoss(
  engine: Engine,
  losses: readonly LossSettings[],
  batch: DistillationBatch,
): Loss {
  const { tf } = engine;
  const parts: Record<string, Scalar> = {};
  let total: Scalar | undefined;
  for (const loss of losses) {
    const part = lossPart(engine, loss, batch);
    parts[loss.kind] = part;
    const weighted = tf.mul(part, loss.weight) as Scalar;
    total = total ? (tf.add(total, weighted) as Scalar) : weighted;
  }
  return { total: total!, parts };
}

function lossPart(engine: Engine, loss: LossSettings, batch: DistillationBatch): Scalar {
  if (loss.kind === 'hardLabels') return engine.softmaxCrossEntropy(batch.logits, batch.labels);
  return engine.softKl(batch.logits, batch.teacher!, {
    temperature: loss.temperature,
    pairWeights: batch.pairWeights,
  });
}
