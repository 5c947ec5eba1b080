import type { ScaleCase } from './cases.ts';
import type { EtaErrors } from './eta-errors.ts';

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
  etaErrors: EtaErrors;
  /** Told in seconds of the wall clock, or of the processors where other work shares the machine. */
  etaClock: 'wall' | 'processors';
  warnings: string[];
  /** Headline metric of each model on the test. */
  quality: Record<string, number>;
}
