import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { Progress } from '../tensor/progress.ts';

/** A trained, frozen model that scores the whole catalogue from a history. */
export interface Teacher {
  kind: string;
  /** For people, such as "softmax 600". */
  description: string;
  parameters: number;
  bytes: number;
  /** Epochs that gave the best weights; a refit on all data runs as many. */
  epochs: number;
  /** Logits [rows, items] of weighed histories [rows, items]; the caller disposes them. */
  scores(histories: Csr): Tensor;
  /**
   * The teacher as a linear map from histories to scores, up to an offset per item: scores(x) ~ x input output'.
   * Non-linear layers are replaced by their mean slope on the sample. This is what `transfer: svd` factorises.
   */
  itemFactors(sample: Csr): ItemFactors;
  dispose(): void;
}

export interface ItemFactors {
  /** [items, width] */
  input: Float32Array;
  /** [items, width] */
  output: Float32Array;
  width: number;
}

/** What every model's training gets from the pipeline. */
export interface TrainingContext {
  engine: Engine;
  rng: Rng;
  /** [users, items] weighed training pairs. */
  train: Csr;
  /** Without it (a refit on all data) training runs all its epochs. */
  validation?: ModelValidation;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
}

/** Stops training early, and says which weights were the best. */
export interface ModelValidation {
  /** Of a ranker that answers [rows, items] row-major; higher is better. */
  metric(scores: (histories: Csr) => Float32Array): number | Promise<number>;
  /** Evaluates after every n-th epoch and after the last. */
  every: number;
  /** Evaluations without a better metric after which training stops. */
  patience: number;
}
