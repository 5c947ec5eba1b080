import type { Activation, Normalization, Solver } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import type { Csr } from '../dataset/matrix.ts';
import type { NewItems } from '../dataset/new-items.ts';
import type { SideInputs } from '../dataset/side-inputs.ts';
import type { Bags } from '../features/encoding.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import type { TrainingState } from '../tensor/train/fit.ts';
import type { NamedValues } from '../tensor/train/named-values.ts';
import type { Progress } from '../tensor/train/progress.ts';

/** A trained, frozen model that scores the whole catalogue from a history. */
export interface Teacher {
  kind: string;
  /** A short name for people, such as "softmax 600". */
  description: string;
  parameters: number;
  bytes: number;
  /** Epochs that gave the best weights. */
  epochs: number;
  /** The plan with what training chose filled in; with it the same model can be trained on other data. */
  settings: Record<string, unknown>;
  /** Logits [rows, items] of weighed histories [rows, items]; the caller disposes them. */
  scores(histories: Csr): Tensor;
  /**
   * Returns the teacher as a linear map from histories to scores, up to an offset per item: scores(x) ~ x input output'.
   * Non-linear layers are replaced by their mean slope on the sample. Only teachers with such matrices have it.
   */
  itemFactors?(sample: Csr): ItemFactors;
  /**
   * Applies the teacher as a linear map L to directions V of item space: returns L V, so that X project(V) ~ scores(X) V up to an
   * offset per direction. `transfer: svd` starts from this.
   * @param directions [items, width]
   * @returns [items, width]
   */
  project(directions: Float32Array, width: number, sample: Csr): Float32Array;
  /** Returns the last hidden layer, [rows, width], which losses on hidden layers compare with; the caller disposes it. */
  hidden?(histories: Csr): Tensor;
  /**
   * [users, items] of a teacher that is lists made elsewhere: all that it says, by the rows of the data set. Users without a
   * list are not taught by it and not counted in its metrics.
   */
  listed?: Csr;
  /**
   * Items that it does not know, ascending: those that came after the version from which it was loaded. Its scores of them are
   * those of other items that stand for them, so its order says nothing of them, and the student learns them from the data.
   */
  unknown?: Int32Array;
  /**
   * Returns its matrices, where it is a student that was published; a student of the same shape can take them over as they are.
   */
  foldIn?(): FoldInParts;
  /** The teachers that this one is made of, each with its share of the weight; of 'ensemble' only. */
  members?: readonly { teacher: Teacher; share: number }[];
  /** The side inputs that it reads, for the report; undefined for none. */
  reads?: { items: boolean; users: boolean };
  /**
   * Makes a copy of this teacher over more items, which are known by their features alone and come last. The copy has tensors of
   * its own: dispose both. Only teachers that read features of items have it.
   */
  withItems?(bags: Bags): Teacher;
  /** The candidates that were trained, with their metric on validation; of 'auto' only. */
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
  /** True where itemsIn and itemsOut are one matrix. */
  tied: boolean;
  /** [N, h] */
  itemsIn: Float32Array;
  /** [N, d] */
  itemsOut: Float32Array;
  /** [N] */
  itemBias: Float32Array;
  /** [h] */
  userBias: Float32Array;
  /** Where the user's vector is solved. */
  solver?: Solver;
  /** [h, d], with a hidden layer. */
  inner?: Float32Array;
  /** [d] */
  innerBias?: Float32Array;
}

/** All that the pipeline gives to the training of a model. */
export interface TrainingContext {
  engine: Engine;
  rng: Rng;
  /** [users, items] weighed training pairs. */
  train: Csr;
  /** Features of items, and of the users of `train`, where the job asks for them; teachers that cannot read them do without. */
  features?: SideInputs;
  /** The validation of the model. Training runs all its epochs where there is none, as in a refit. */
  validation?: ModelValidation;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
  /** Weights of the same model, trained before on fewer pairs; kinds that cannot start from them train from scratch. */
  start?: WarmStart | undefined;
  /** True where a training on more pairs is for what is solved at once alone: models that go on from their weights stay as they are. */
  keepsTrained?: boolean;
  /** Checkpoints of models that are trained in epochs; they are spread into `fit`. */
  resume?: {
    resumeFrom?: TrainingState;
    checkpointDue?(): boolean;
    onCheckpoint?(state: TrainingState): void | Promise<void>;
  };
  /** Where trainers of other workers may take models that this one is made of. */
  parts?: TeacherParts | undefined;
  /** Keeps the state of the model after each of these epochs, where a curriculum wants it. */
  snapshots?: { epochs: readonly number[]; keep(state: TeacherState): Promise<void> };
}

/** Models that do not need each other, each of which one trainer of several makes. */
export interface TeacherParts {
  /** Tells which there are, in their order, with the seconds that each is estimated to take. @param train makes one of them here */
  begin(
    models: readonly { settings: object; seconds: number }[],
    train: (index: number) => Promise<Teacher>,
  ): Promise<void>;
  /** Returns one that was made elsewhere, or makes it here. */
  obtain(index: number, signal: AbortSignal, train: () => Promise<Teacher>): Promise<Teacher>;
}

/** Weights of an earlier training that the next one starts from, and what is new since. */
export interface WarmStart {
  weights: NamedValues;
  newItems: NewItems;
}

/** Stops training early, and says which weights were the best. */
export interface ModelValidation {
  /** Returns the metric of a ranker whose scores are [rows, items], row-major; higher is better. */
  metric(scores: (histories: Csr) => Float32Array): number | Promise<number>;
  /**
   * Returns that metric of a ranker that scores a few items of each user, all others coming behind them; it costs next to nothing. It
   * asks with the batches of `metric`.
   * @param scores returns [rows, items] the scores of those items, each once, in any order
   */
  metricOfSome?(scores: (histories: Csr) => Csr): Promise<number>;
  /** The model is evaluated after every n-th epoch and after the last. */
  every: number;
  /** Evaluations without a better metric after which training stops. */
  patience: number;
}
