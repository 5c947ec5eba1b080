import type { ScaleCase } from './cases.ts';

/** One stage of a job as its progress showed it. */
export interface StageResult {
  stage: string;
  seconds: number;
  /** Processor seconds of all threads. */
  cpuSeconds: number;
  /** Greatest RSS of the process up to its end; it never falls. */
  peakMiB: number;
  /** Longest time without a report of progress, and the fraction of the job at which that was. */
  silence: { seconds: number; at: number };
}

export interface ScaleResult {
  case: ScaleCase;
  backend: string;
  tensorflow?: string;
  threads: number;
  stages: StageResult[];
  /** Time that was left when each whole tenth of the job was reached, in seconds, as told and as it was. */
  etas: { at: number; told: number; left: number }[];
  warnings: string[];
  /** Headline metric of each model on the test. */
  quality: Record<string, number>;
}
