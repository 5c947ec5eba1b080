import type { StoredProblem } from '../../domain/base/problem.ts';
import type { Job, JobEvent, JobLogLine, JobProgress, JobState } from '../../domain/jobs/job.ts';
import type { JobPlan, PlannedJob } from '../../domain/jobs/job-plan.ts';
import type { JobLane } from '../../domain/jobs/lane.ts';
import type { Schedule } from '../../domain/jobs/schedule.ts';
import type { WorkerBeat, WorkerStatus } from '../../domain/jobs/worker.ts';
import type { TraceContext } from '../../tracing/contract.ts';
import type { Paged } from '../engine/paged.ts';

export interface NewJob {
  id: string;
  type: Job['type'];
  model: string | null;
  spec: Job['spec'];
  /** Default 0; greater goes first. */
  priority?: number;
  notBefore?: number;
  retriedFrom?: string;
  keyId?: string;
  /** Jobs with the same text here run one at a time. */
  exclusive?: string;
  /** The job that trains this one's teacher. */
  leader?: string;
  scheduleId?: string;
  /** Its plan, which says what it was expected to do and to cost. */
  plan?: JobPlan;
  /** Where its trace goes on. */
  trace?: TraceContext;
}

/** A job as a schedule keeps it, without what differs from one run to the next. */
export type JobTemplate = Omit<NewJob, 'id' | 'scheduleId' | 'notBefore' | 'retriedFrom' | 'plan' | 'trace'>;

export interface NewSchedule {
  id: string;
  name?: string;
  cron?: string;
  timeZone?: string;
  afterInteractions?: number;
  job: JobTemplate;
  paused?: boolean;
  /** First time of the clock, in milliseconds; null without a clock, or while it is paused. */
  nextAt: number | null;
}

export interface DueSchedule {
  id: string;
  revision: number;
  cron: string | null;
  timeZone: string | null;
  job: JobTemplate;
}

/** `waits`: still skipped for the reason that is on record; `lost`: another process was first, or it was changed. */
export type FireAnswer = { kind: 'started' | 'waits' | 'lost' } | { kind: 'skipped'; reason: string };

export interface ScheduleStore {
  create(schedule: NewSchedule): Promise<Schedule>;
  get(id: string): Promise<Schedule | null>;
  /** Newest first. */
  list(limit: number, cursor?: string): Promise<Paged<Schedule>>;
  /** Nothing changes when it is so already. Null when there is none. */
  setPaused(id: string, paused: boolean, nextAt: number | null): Promise<Schedule | null>;
  /** Its jobs stay. False when there was none. */
  remove(id: string): Promise<boolean>;
  /** Those whose time has come, or for which enough new interactions were stored. */
  due(): Promise<DueSchedule[]>;
  /**
   * Creates the job and moves the schedule on, in one transaction that one process alone can make. Skipped, and said
   * so on record, while the last job is unfinished or the queue is full.
   */
  fire(schedule: DueSchedule, jobId: string, nextAt: number | null, mostQueued?: number): Promise<FireAnswer>;
}

/** Limits that are checked in the transaction that creates the job. */
export interface CreateOptions {
  /** Rejects with problem('queue-full') when as many are queued. */
  mostQueued?: number;
  /** Remembers the job as the answer to this request. Rejects with problem('conflict') when its reservation was lost. */
  answers?: IdempotentRequest & { fingerprint: string };
}

/** `lost`: it is no longer in the state that it was claimed from. */
export type ClaimAnswer = 'claimed' | 'lost' | 'model-busy' | 'all-busy';

export interface NewLogLine {
  at: number;
  level: JobLogLine['level'];
  message: string;
}

/** Numbers of jobs by state, as SQL knows them. */
export interface QueueCounts {
  states: Record<JobState, number>;
  /** Number of queued jobs that wait for their time. */
  delayed: number;
  /** The longest wait among those that could run now. */
  oldestWaiting: Job | null;
  lanes: Record<JobLane, LaneCounts>;
}

/** Numbers of jobs of one lane. */
export interface LaneCounts {
  /** With those that wait for their time. */
  queued: number;
  delayed: number;
  /** With those that are being stopped. */
  running: number;
  oldestWaiting: Job | null;
}

export interface JobCounters {
  /** label: type and state */
  finished: { label: string; value: number }[];
  /** label: type */
  retries: { label: string; value: number }[];
  stalls: { label: string; value: number }[];
  /** label: what became of rows of imports that have succeeded */
  rows: { label: string; value: number }[];
  /** Times from the creation, or from notBefore, to the first start. */
  wait: JobHistogram[];
  /** Times from the last start to the end. */
  run: JobHistogram[];
  /** Times of the stages of distillations, for each attempt. */
  stage: JobHistogram[];
}

export interface JobHistogram {
  type: string;
  /** Cumulative, as Prometheus wants them. */
  buckets: { le: string; count: number }[];
  sum: number;
  count: number;
}

export interface JobStore {
  /** State queued, event 1. Rejects with problem('conflict') when the id is taken. */
  create(job: NewJob, options?: CreateOptions): Promise<Job>;
  get(id: string): Promise<Job | null>;
  /** Keeps a plan that was made after its job. Nothing happens where there is no such job any more. */
  keepPlan(id: string, plan: JobPlan): Promise<void>;
  /** Keeps where its trace goes on, unless it has one. */
  keepTrace(id: string, trace: TraceContext): Promise<void>;
  /** Newest distillations that succeeded at once and trained their own teacher, with the time that was planned for each. */
  planned(limit: number): Promise<PlannedJob[]>;
  list(
    filter: { state?: JobState; type?: Job['type']; model?: string },
    limit: number,
    cursor?: string,
  ): Promise<Paged<Job>>;
  /** The number of jobs of one type that are queued or running. */
  countUnfinished(type: Job['type']): Promise<number>;
  /**
   * One conditional update together with its event: false, and nothing happens, unless the job is in one of `from`.
   * So of two processes that both want a transition only one gets it. `startedAt`, `finishedAt` and `attempts`
   * follow from the states; a job that is queued again starts over, but keeps its attempts. The event's data is
   * `{state, ...patch}`.
   */
  transition(id: string, from: readonly JobState[], to: JobState, patch?: JobPatch): Promise<boolean>;
  /**
   * queued or running -> running, unless another job with the same `exclusive` runs, or as many of its lane as are allowed.
   * A job that is claimed from running was taken over from a holder that is gone.
   */
  claim(id: string, from: JobState, options: ClaimOptions): Promise<ClaimAnswer>;
  /** Queued jobs that may have waited for this one to end; they need not all be able to run now. */
  waitingFor(job: Pick<Job, 'id' | 'type' | 'model'>): Promise<Job[]>;
  /** Those that named it as their leader, in the order in which they were made. */
  followers(id: string): Promise<string[]>;
  log(id: string, lines: readonly NewLogLine[]): Promise<void>;
  logs(id: string, after: number, limit: number): Promise<JobLogLine[]>;
  queueCounts(): Promise<QueueCounts>;
  counters(): Promise<JobCounters>;
  /** Adds the milliseconds that an attempt was in each of its stages. */
  measureStages(milliseconds: Readonly<Record<string, number>>): Promise<void>;
  /** Stores the progress with the job and as an event; only while it is running. */
  progress(id: string, progress: JobProgress): Promise<void>;
  warn(id: string, message: string): Promise<void>;
  /** Oldest first, after the sequence number. */
  events(id: string, after: number, limit: number): Promise<JobEvent[]>;
  /** Encrypts the queries of import addresses that earlier releases stored as they were. @returns how many jobs had one */
  sealQueries(seal: (query: string) => string): Promise<number>;
  /** Forgets a job that could not be put on the queue; one that is no longer queued stays. */
  remove(id: string): Promise<void>;
}

export interface ClaimOptions {
  /** Jobs of a lane that may run at once in the whole installation. */
  mostRunning?: number | undefined;
  /** Put on record with the claim: how the holder before was lost. */
  problem?: StoredProblem;
}

export interface JobPatch {
  result?: Job['result'];
  problem?: StoredProblem | null;
}

export interface IdempotentRequest {
  /** Names the requester and the operation: keys of two requesters do not meet. */
  scope: string;
  key: string;
  /** Who is answering it: unique per request that was received. */
  owner: string;
}

/** Requests that must not be done twice. Kept for 24 hours. */
export interface IdempotencyStore {
  /** Reserves the key for the owner, unless it is known. A reservation holds for seconds: see renew. */
  begin(
    request: IdempotentRequest,
  ): Promise<{ kind: 'new' } | { kind: 'in-flight' } | { kind: 'done'; jobId: string; fingerprint: string }>;
  /** Keeps a reservation; to be called every second or two while the request is being answered. */
  renew(request: IdempotentRequest): Promise<void>;
  /** Frees a key whose request failed. */
  forget(request: IdempotentRequest): Promise<void>;
}

/** Who is there to run jobs. Only for people and metrics: nothing is decided on it. */
export interface WorkerStore {
  /** Says that the worker is alive, with what it is doing. */
  beat(worker: WorkerBeat): Promise<void>;
  leave(id: string): Promise<void>;
  /** Those heard of within so many milliseconds. */
  alive(withinMs: number): Promise<WorkerStatus[]>;
}
