import type { NewVersion, RegisteredVersion } from '../domain/answers/model.ts';
import type { StoredRule } from '../domain/answers/rule.ts';
import type { StoredProblem } from '../domain/base/problem.ts';
import type { StoredItem, StoredUser } from '../domain/data/catalogue.ts';
import type { StoredInteraction } from '../domain/data/interaction.ts';
import type { Snapshots } from '../domain/data/interaction-source.ts';
import type { Job, JobEvent, JobLogLine, JobProgress, JobState } from '../domain/jobs/job.ts';
import type { Schedule } from '../domain/jobs/schedule.ts';
import type { WorkerBeat, WorkerStatus } from '../domain/jobs/worker.ts';
import type { StoredExternalTeacher } from '../domain/teachers/external-teacher.ts';
import type { InteractionBatch } from './data/batch.ts';

/** Everything that is kept in SQL. What a caller was told is stored is on disk. */
export interface Store {
  interactions: InteractionStore;
  catalogue: CatalogueStore;
  exports: ExportStore;
  deletions: DeletionStore;
  rejects: RejectStore;
  jobs: JobStore;
  models: ModelStore;
  workers: WorkerStore;
  idempotency: IdempotencyStore;
  rules: RuleStore;
  externalTeachers: ExternalTeacherStore;
  served: ServedStore;
  schedules: ScheduleStore;
  /**
   * Rejects with problem('store-unavailable') when the database cannot be read. One that cannot be written does
   * not count: recommendations go on without, and each write says so itself.
   */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface Paged<T> {
  rows: T[];
  nextCursor: string | null;
}

export type AddOutcome = 'accepted' | 'duplicate';

export interface HistoryRow {
  itemId: string;
  type: string;
  value: number | null;
  timestamp: number | null;
}

export interface InteractionStore extends Snapshots {
  /**
   * One transaction; outcome per row, in order. A row equal to an earlier one of the same call is a duplicate. Not for
   * more than some thousand rows: other writers wait.
   */
  add(rows: readonly StoredInteraction[]): Promise<AddOutcome[]>;
  /**
   * Many rows, whose memory is handed over, in several transactions of which those before a failure stay.
   * @returns how many were new
   */
  addBatch(batch: InteractionBatch): Promise<number>;
  /** Newest first; those without a time come last, the latest stored first. Empty for an unknown user. */
  history(userId: string, limit: number): Promise<HistoryRow[]>;
  list(userId: string, limit: number, cursor?: string): Promise<Paged<StoredInteraction>>;
  /** Counts no further than `limit`, so that asking "are there enough" stays cheap. */
  countUpTo(limit: number): Promise<number>;
  /** The items with the most interactions, best first; for serving before there is a model. */
  mostPopular(limit: number): Promise<{ itemId: string; count: number }[]>;
}

export interface CatalogueStore {
  /** Upserts, one transaction. A later row of the same call with the same id wins. An id of a deleted item is new. */
  putItems(items: readonly StoredItem[]): Promise<void>;
  putUsers(users: readonly StoredUser[]): Promise<void>;
  getItem(itemId: string): Promise<StoredItem | null>;
  getUser(userId: string): Promise<StoredUser | null>;
  /**
   * Reads, changes and stores one item, alone against other writers. What `change` throws leaves all as it was.
   * @param change gets null where there is no such item
   */
  changeItem(itemId: string, change: (item: StoredItem | null) => StoredItem): Promise<StoredItem>;
  changeUser(userId: string, change: (user: StoredUser | null) => StoredUser): Promise<StoredUser>;
  /**
   * Takes an item out of the catalogue: it is not recommended any more, even where interactions or a model know it.
   * Its interactions stay. False when there was nothing to delete.
   */
  deleteItem(itemId: string): Promise<boolean>;
  /** In the order in which they came to be. */
  listItems(filter: ItemFilter, limit: number, cursor?: string): Promise<Paged<StoredItem>>;
  listUsers(limit: number, cursor?: string): Promise<Paged<StoredUser>>;
  /** In the order asked for; unknown ids are left out. */
  getItems(itemIds: readonly string[]): Promise<StoredItem[]>;
  /** Items that must not be recommended now or only at certain times: hidden ones and those with a window. */
  restrictedItems(): Promise<StoredItem[]>;
  /** What was sent as items and users; those known from interactions alone do not count. */
  counts(): Promise<{ items: number; itemsWithoutInteractions: number; users: number }>;
  /** Grows with every change to an item; a cheap question for caches. */
  itemsRevision(): Promise<number>;
}

/** Reads whole tables in pages. */
export interface ExportStore {
  /** The position of the newest interaction: an export that stops there ends, however much comes in meanwhile. */
  newestInteraction(): Promise<number>;
  /**
   * In the order of storage; with since or until in that of time, and of storage among those of one moment.
   * @param until the newest that is part of it
   */
  interactions(
    after: InteractionPosition | undefined,
    until: number,
    limit: number,
    filter: ExportFilter,
  ): Promise<ExportPage<StoredInteraction, InteractionPosition>>;
  items(after: number | undefined, limit: number): Promise<ExportPage<StoredItem>>;
  users(after: number | undefined, limit: number): Promise<ExportPage<StoredUser>>;
}

export interface InteractionPosition {
  seq: number;
  timestamp: number | null;
}

export interface ExportPage<T, Position = number> {
  /** May be fewer than asked for, even none, before the last page: what does not count was left out. */
  rows: T[];
  /** Where the next page begins; null after the last. */
  next: Position | null;
}

/** Times in milliseconds; since is included, until is not. */
export interface ExportFilter {
  type?: string;
  since?: number;
  until?: number;
}

export interface ItemFilter {
  category?: string;
  label?: string;
  hidden?: boolean;
}

export interface InteractionFilter {
  userId?: string;
  itemId?: string;
  type?: string;
}

/** Erasing on purpose. Each is recorded: what and when, never of whom. */
export interface DeletionStore {
  /**
   * Erases a person: their interactions, the memory of deleted ones, and their features, in one transaction.
   * Null when nothing is known of them.
   */
  user(userId: string): Promise<Deletion | null>;
  /**
   * Deletes what fits all parts of the filter, which has at least one, in small transactions. The same events sent
   * again stay deleted.
   */
  interactions(filter: InteractionFilter): Promise<Deletion>;
  /** Deletes some of the interactions older than `before` (milliseconds); those without a time never grow old. */
  expire(before: number, limit: number): Promise<number>;
  /** Newest first. */
  list(limit: number, cursor?: string): Promise<Paged<Deletion>>;
}

export interface Deletion {
  id: string;
  at: number;
  /** Such as `user` or `interactions by userId and type`. */
  what: string;
  interactions: number;
}

/** Bad lines of imports, kept with their job. */
export interface RejectStore {
  /** A line that is there already stays: a repeated run of the job finds the same ones. */
  add(jobId: string, rejects: readonly Reject[]): Promise<void>;
  /** In the order of the file. */
  list(jobId: string, limit: number, cursor?: string): Promise<Paged<Reject>>;
}

export interface Reject {
  line: number;
  reason: string;
  text: string;
}

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
  /** Of the jobs with the same text here one runs at a time. */
  exclusive?: string;
  /** The job that trains this one's teacher. */
  leader?: string;
  scheduleId?: string;
}

/** What a schedule makes its jobs from. */
export type JobTemplate = Omit<NewJob, 'id' | 'scheduleId' | 'notBefore' | 'retriedFrom'>;

export interface NewSchedule {
  id: string;
  name?: string;
  cron?: string;
  timeZone?: string;
  afterInteractions?: number;
  job: JobTemplate;
  /** When the clock says so first, in milliseconds; null without a clock. */
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

/** What the queue holds, as SQL knows it. */
export interface QueueCounts {
  states: Record<JobState, number>;
  /** Of the queued ones those that wait for their time. */
  delayed: number;
  /** The longest wait among those that could run now. */
  oldestWaiting: Job | null;
}

export interface JobCounters {
  /** label: type and state */
  finished: { label: string; value: number }[];
  /** label: type */
  retries: { label: string; value: number }[];
  stalls: { label: string; value: number }[];
  /** From the creation, or from notBefore, to the first start. */
  wait: JobHistogram[];
  /** From the last start to the end. */
  run: JobHistogram[];
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
  list(
    filter: { state?: JobState; type?: Job['type']; model?: string },
    limit: number,
    cursor?: string,
  ): Promise<Paged<Job>>;
  /** How many are queued or running, of one type. */
  countUnfinished(type: Job['type']): Promise<number>;
  /**
   * One conditional update together with its event: false, and nothing happens, unless the job is in one of `from`.
   * So of two processes that both want a transition only one gets it. `startedAt`, `finishedAt` and `attempts`
   * follow from the states; a job that is queued again starts over, but keeps its attempts. The event's data is
   * `{state, ...patch}`.
   */
  transition(id: string, from: readonly JobState[], to: JobState, patch?: JobPatch): Promise<boolean>;
  /**
   * queued or running -> running, unless another job with the same `exclusive` runs, or as many jobs as are allowed.
   * A job that is claimed from running was taken over from a holder that is gone.
   */
  claim(id: string, from: JobState, limits: { mostRunning?: number | undefined }): Promise<ClaimAnswer>;
  /** Queued jobs that may have waited for this one to end; they need not all be able to run now. */
  waitingFor(job: { id: string; model: string | null }): Promise<Job[]>;
  /** Those that named it as their leader, in the order in which they were made. */
  followers(id: string): Promise<string[]>;
  log(id: string, lines: readonly NewLogLine[]): Promise<void>;
  logs(id: string, after: number, limit: number): Promise<JobLogLine[]>;
  queueCounts(): Promise<QueueCounts>;
  counters(): Promise<JobCounters>;
  /** Stores the progress with the job and as an event; only while it is running. */
  progress(id: string, progress: JobProgress): Promise<void>;
  warn(id: string, message: string): Promise<void>;
  /** Oldest first, after the sequence number. */
  events(id: string, after: number, limit: number): Promise<JobEvent[]>;
  /** Forgets a job that could not be put on the queue; one that is no longer queued stays. */
  remove(id: string): Promise<void>;
}

export interface JobPatch {
  result?: Job['result'];
  problem?: StoredProblem | null;
}

export interface ModelStore {
  /**
   * Registers the next version and points the alias at it, in one transaction. The same job registers one version
   * only: asked again it answers the first one.
   */
  publish(version: NewVersion, alias: string): Promise<RegisteredVersion>;
  names(): Promise<string[]>;
  versions(model: string): Promise<RegisteredVersion[]>;
  get(model: string, version: number): Promise<RegisteredVersion | null>;
  /** The version that the alias points at. */
  resolve(model: string, alias: string): Promise<RegisteredVersion | null>;
  /** What should be live: for each model the version behind the alias. */
  aliased(alias: string): Promise<RegisteredVersion[]>;
  alias(model: string, alias: string): Promise<Alias | null>;
  /**
   * Points the alias at a version that there is.
   * @param expected what the alias must be before: null is no alias at all, undefined is anything
   * @returns false, and nothing happens, when it is something else
   */
  setAlias(model: string, alias: string, version: number, expected?: Alias | null): Promise<boolean>;
}

export interface Alias {
  version: number;
  updatedAt: number;
}

/** Business rules: few, and never changed in place. */
export interface RuleStore {
  /** The oldest first. */
  list(): Promise<StoredRule[]>;
  get(id: string): Promise<StoredRule | null>;
  /** Rejects with problem('conflict') where there are `limit` rules already. */
  add(rule: StoredRule, limit: number): Promise<void>;
  remove(id: string): Promise<boolean>;
}

/** Teachers that were imported: where their lists are. The lists themselves are artifacts. */
export interface ExternalTeacherStore {
  /** By name. */
  list(): Promise<StoredExternalTeacher[]>;
  get(name: string): Promise<StoredExternalTeacher | null>;
  /** Takes the place of one of the same name, which comes back. */
  put(teacher: StoredExternalTeacher): Promise<StoredExternalTeacher | null>;
  /** What was removed, or null. */
  remove(name: string): Promise<StoredExternalTeacher | null>;
}

export interface Served {
  id: string;
  model: string;
  version: number;
  at: number;
  items: readonly string[];
}

export interface Click {
  recommendationId: string;
  itemId: string;
  type: string;
}

export interface OnlineVersion {
  version: number;
  served: number;
  /** Recommendations with at least one interaction with one of their items. */
  clicked: number;
  itemsShown: number;
  itemsClicked: number;
}

/** A bounded sample of what was recommended, never to whom, and what came of it. */
export interface ServedStore {
  /** Keeps the newest `limit`. */
  record(served: readonly Served[], limit: number): Promise<void>;
  /** Of recommendations in the sample, and of items they showed; once per item and type. */
  click(clicks: readonly Click[]): Promise<void>;
  /** The newest version first. */
  online(model: string, since: number): Promise<OnlineVersion[]>;
}

export interface IdempotentRequest {
  /** Of the requester and the operation: keys of two requesters do not meet. */
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
  /** To be called every second or two while the request is being answered. */
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
