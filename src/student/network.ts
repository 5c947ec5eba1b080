import type { StudentWeights } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { Tensor } from '../tensor/engine.ts';
import type { NamedTensors, Parameters } from '../tensor/train/parameters.ts';

/** The user's vectors of a batch, and what they are scored against. */
export interface StudentOutput {
  /** [B, d] */
  user: Tensor;
  /** [items, d] */
  items: Tensor;
  /** [items] */
  itemBias?: Tensor;
}

export type NamedInitial = Record<string, { shape: number[]; values: Float32Array }>;

/**
 * A student in training. A user's vector comes from the history alone, so that new users and new clicks need no training.
 */
export interface StudentNetwork<Input extends { dispose(): void } = { dispose(): void }> {
  parameters: Parameters;
  /**
   * Histories as the network takes them. Dispose the batch.
   * @param draws of a step of training, in which a student with side inputs hides what they are to stand for
   */
  input(histories: Csr, draws?: Rng): Input;
  /** @param rounded whether the item matrices are seen as they will be stored */
  network(p: NamedTensors, x: Input, rounded?: boolean): StudentOutput;
  /** Scores as Float32 of the weights as they are now, before rounding: [rows, items] row-major. */
  scores(histories: Csr): Float32Array;
  /** @param popularity [items] */
  weights(popularity: Float32Array): StudentWeights;
}
