import type { Activation, Normalization } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { SideInputs } from '../dataset/side-inputs.ts';
import type { Bags } from '../features/encoding.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { TrainingState } from '../tensor/train/fit.ts';
import type { Progress } from '../tensor/train/progress.ts';

/** A trained, frozen model that scores the whole catalogue from a history. */
export interface Teacher {
  kind: string;
  /** For people, such as "softmax 600". */
  description: string;
  parameters: number;
  bytes: number;
  /** Epochs that gave the best weights; a refit on all data runs as many. */
  epochs: number;
  /** The plan with what training chose filled in: trains the same model on other data. */
  settings: Record<string, unknown>;
  /** Logits [rows, items] of weighed histories [rows, items]; the caller disposes them. */
  scores(histories: Csr): Tensor;
  /**
   * The teacher as a linear map from histories to scores, up to an offset per item: scores(x) ~ x input output'.
   * Non-linear layers are replaced by their mean slope on the sample. Only teachers with such matrices have it.
   */
  itemFactors?(sample: Csr): ItemFactors;
  /**
   * The same linear map L applied to directions V of item space: L V, so that X project(V) ~ scores(X) V up to an offset per
   * direction. This is what `transfer: svd` starts from.
   * @param directions [items, width]
   * @returns [items, width]
   */
  project(directions: Float32Array, width: number, sample: Csr): Float32Array;
  /** The last hidden layer, [rows, width]; the caller disposes it. What losses on hidden layers compare with. */
  hidden?(histories: Csr): Tensor;
  /**
   * [users, items] of a teacher that is lists made elsewhere: all that it says, by the rows of the data set. Users without a
   * list are not taught by it and not counted in its metrics.
   */
  listed?: Csr;
  /**
   * Items that it does not know, ascending, so that its scores of them are those of others that stand for them: its order
   * says nothing of them, they are learned from the data. Of a version that was made before there were these items.
   */
  unknown?: Int32Array;
  /** Its parts, where it is a student that was published: what a student of the same shape can take over as it is. */
  foldIn?(): FoldInParts;
  /** The teachers that this one is made of, each with its share of the weight; of 'ensemble' only. */
  members?: readonly { teacher: Teacher; share: number }[];
  /** Which side inputs it reads, for people; undefined for none. */
  reads?: { items: boolean; users: boolean };
  /**
   * The same teacher over more items, which are known by their features alone and come last. Its tensors are its own: dispose both.
   * Of teachers that read features of items.
   */
  withItems?(bags: Bags): Teacher;
  /** What was trained to choose from, with the metric on validation; of 'auto' only. */
  tried?: TeacherTrial[];
  /** Plain values from which `restoreTeacher` makes a teacher with the same scores to the last bit. */
  state(): TeacherState;
  dispose(): void;
}

export interface TeacherTrial {
  description: string;
  /** null where the training failed. */
  metric: number | null;
  seconds: number;
  failure?: string;
}

/** A teacher at rest. The arrays may be the teacher's own: not to be written to. */
export interface TeacherState {
  kind: string;
  /** See Teacher.settings. */
  settings: Record<string, unknown>;
  /** See Teacher.epochs. */
  epochs: number;
  tensors: Record<string, { shape: number[]; values: Float32Array }>;
  /** See Teacher.tried. */
  tried?: TeacherTrial[];
}

export interface ItemFactors {
  /** [items, width] */
  input: Float32Array;
  /** [items, width] */
  output: Float32Array;
  width: number;
}

/** N items, d dimensions, h the width of the layer behind the history: that of userBias. */
export interface FoldInParts {
  dimensions: number;
  activation: Activation;
  normalization: Normalization;
  /** Whether itemsIn and itemsOut are one matrix. */
  tied: boolean;
  /** [N, h] */
  itemsIn: Float32Array;
  /** [N, d] */
  itemsOut: Float32Array;
  /** [N] */
  itemBias: Float32Array;
  /** [h] */
  userBias: Float32Array;
  /** [h, d], with a hidden layer. */
  inner?: Float32Array;
  /** [d] */
  innerBias?: Float32Array;
}

/** What every model's training gets from the pipeline. */
export interface TrainingContext {
  engine: Engine;
  rng: Rng;
  /** [users, items] weighed training pairs. */
  train: Csr;
  /** What is said of items, and of the users of `train`, where the job asks for it; teachers that cannot read it do without. */
  features?: SideInputs;
  /** Without it (a refit on all data) training runs all its epochs. */
  validation?: ModelValidation;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
  /** For models that are trained in epochs: spread into `fit`. */
  resume?: {
    resumeFrom?: TrainingState;
    checkpointDue?(): boolean;
    onCheckpoint?(state: TrainingState): void | Promise<void>;
  };
  /** Where what a model knew on its way is wanted: called with it after each of the epochs. */
  snapshots?: { epochs: readonly number[]; keep(state: TeacherState): Promise<void> };
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
