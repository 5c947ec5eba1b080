import type { NewVersion } from '../domain/answers/model.ts';
import type { StoredProblem } from '../domain/base/problem.ts';
import type { CompleteDistillation } from '../domain/jobs/complete-distillation.ts';
import type { JobProgress } from '../domain/jobs/job.ts';
import type { JobLane } from '../domain/jobs/lane.ts';
import type { TrainerHealth } from '../domain/jobs/worker.ts';
import type { TraceContext } from '../tracing/contract.ts';

/** On the queue there is only the id: the record in SQL is the truth. */
export interface QueuePayload {
  jobId: string;
}

/** Names of the queues. That of trainings is the one that had all jobs before there were lanes, so that what waits there is still taken. */
export const QUEUE_NAMES: Readonly<Record<JobLane, string>> = { imports: 'imports', training: 'jobs' };

/** Redis channels, all below a prefix of the installation. They hurry things along; SQL is the truth. */
export type Signal =
  | { kind: 'job'; jobId: string } // its record or its events changed
  | { kind: 'cancel'; jobId: string }
  | { kind: 'models' } // the registry changed
  | { kind: 'histories'; users: readonly string[] | null; from?: string } // interactions of these users changed; null: of anybody
  | { kind: 'items' } // the catalogue changed
  | { kind: 'rules' }; // business rules changed

/** Worker -> trainer, once, after the fork. */
export interface TrainerTask {
  jobId: string;
  /** The first job of the request, where the job is one of several students. */
  contest?: string;
  /** As the api stored it; the worker completes a record of an earlier release. */
  spec: CompleteDistillation;
  databaseUrl: string;
  artifactsUrl: string;
  tensorBackend: string;
  /** Budget for the scores of one batch; larger ones are taken in chunks. */
  tensorMemoryMiB?: number;
  /** Memory that the process may take: teachers that do not fit are not tried. Beyond it the process is ended. */
  memoryMiB?: number;
  stages: StageSettings;
  /** Where other workers may take parts of the job: the estimated seconds from which they do. */
  partsFromSeconds?: number;
  /** Hash of the one part of the job that is wanted, where the job itself runs elsewhere. */
  part?: string;
  /** Where the trace of the job goes on, if it is traced. */
  trace?: TraceContext;
}

/** Trainer -> worker, about parts of its job; `claim` is answered with a PartAnswer. */
export type PartMessage =
  | { kind: 'offer-parts'; parts: readonly string[] }
  | { kind: 'claim-part'; part: string }
  | { kind: 'release-part'; part: string };

/** Worker -> trainer. */
export interface PartAnswer {
  kind: 'part';
  part: string;
  isOurs: boolean;
}

/** Place and limits of checkpoints and trained teachers; see training/run/stages.ts. */
export interface StageSettings {
  folder: string;
  jobKey: string;
  checkpointSeconds: number;
  mostCacheMiB: number;
}

/** Trainer -> worker. The last message is `done` or `failed`; a child that ends without one has crashed. */
export type TrainerMessage =
  | { kind: 'beat' }
  | { kind: 'progress'; progress: JobProgress }
  | { kind: 'warning'; message: string }
  | { kind: 'done'; version: NewVersion; warnings: string[] }
  | { kind: 'part-done'; isKept: boolean }
  | PartMessage
  | { kind: 'failed'; problem: StoredProblem; retryable: boolean };

/** The probe of a trainer's surroundings -> worker. */
export type HealthMessage = { kind: 'health'; health: TrainerHealth } | { kind: 'failed'; reason: string };
