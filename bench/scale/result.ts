/** One size of data, to be run in a process of its own. */
export interface ScaleCase {
  users: number;
  items: number;
  interactions: number;
  epochs: number;
  backend: string;
  seed: number;
  /** Every rating counts, not only those that mean liking: more pairs, the harder case. */
  allRatings: boolean;
  evaluate: boolean;
}

export interface EpochResult {
  /** Steps alone, without validation. */
  seconds: number;
  validationSeconds: number;
  msPerStep: number;
  /** Of the process, right after the epoch. */
  rssMiB: number;
}

export interface PhaseResult {
  batchSize: number;
  steps: number;
  /** Start values, transfer of parameters, everything before the first step. */
  setupSeconds: number;
  epochs: EpochResult[];
}

export interface ScaleResult {
  case: ScaleCase;
  backend: string;
  tensorflow?: string;
  threads: number;
  /** Pairs that count, of which `train` are trained on. */
  pairs: number;
  train: number;
  seconds: { generate: number; build: number; split: number; evaluation?: number };
  teacher: PhaseResult;
  distillation: PhaseResult;
  /** Greatest RSS up to the end of each stage; it never falls. */
  peakMiB: Record<string, number>;
  ndcg?: Record<string, number>;
}
