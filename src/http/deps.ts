import type { Readable } from 'node:stream';
import type { Config } from '../core/config.ts';
import type { Disk } from '../core/disk.ts';
import type { Logger } from '../core/logger.ts';
import type { Secrets } from '../core/secrets.ts';
import type { ShownSetting } from '../core/shown-settings.ts';
import type { WebhookAddresses } from '../core/webhook-address.ts';
import type { DefaultModels } from '../domain/answers/default-model.ts';
import type { ModelVersion } from '../domain/answers/model.ts';
import type { Unlisted } from '../domain/data/unlisted.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import type { CompleteDistillation } from '../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../domain/jobs/distillation-spec.ts';
import type { Job } from '../domain/jobs/job.ts';
import type { JobPlan } from '../domain/jobs/job-plan.ts';
import type { Signal } from '../jobs/contract.ts';
import type { QueueBoard } from '../jobs/queue-board.ts';
import type { ShortMemory } from '../jobs/short-memory.ts';
import type { Continuation } from '../serving/answers/continuation.ts';
import type { Recommender } from '../serving/answers/recommender.ts';
import type { Changes } from '../serving/caches/changes.ts';
import type { ServedLog } from '../serving/caches/served-log.ts';
import type { SharedCache } from '../serving/caches/shared-cache.ts';
import type { LiveTraffic } from '../serving/models/follow-traffic.ts';
import type { TrafficWatch } from '../serving/traffic/watch.ts';
import type { InstalledEvents } from '../serving/views/installed-events.ts';
import type { Store } from '../store/store.ts';
import type { Tracer } from '../tracing/contract.ts';
import type { ApiKey } from './api-keys.ts';
import type { Counts } from './counts.ts';
import type { Leaving } from './leaving.ts';
import type { Limits } from './limits.ts';

/** Everything the HTTP layer needs, so narrow that a test can write it down by hand. */
export interface AppDeps {
  logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
  /** It announces its writes to the caches of serving. */
  store: Store;
  artifacts: Blobs;
  queue: JobQueue;
  models: LiveModelStates;
  recommender: Recommender;
  /** Meanings of types of interactions; without it the database is asked each time. */
  installedEvents?: InstalledEvents;
  /** Given by the app to its routes. */
  counts?: Counts;
  /** The caches of users with what they were asked, for metrics. */
  caches?(): CacheLookups[];
  /** Plans jobs before they are paid for. */
  planner: Planner;
  servedLog: Pick<ServedLog, 'isSampled' | 'note' | 'click'>;
  /** Counts answers by variant and asks shadows; without it nothing is counted. */
  traffic?: TrafficWatch;
  /** The setting SERVED_SAMPLE, for those who read the counts. */
  servedSample?: number;
  /** Lists that may go on, by the recommendationId of their last page. */
  continuations: SharedCache<Continuation>;
  /** The keys of the setting. Without any, every request is allowed, which bin/api permits on loopback only. */
  apiKeys: readonly ApiKey[];
  /** Tells of changes of keys that other processes made; without it their revision is asked for with each request. */
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>;
  secrets: Secrets;
  /** The setting LOG_ADDRESSES; plain by default. */
  logAddresses?: Config['logAddresses'];
  /** Days for which entries of the audit are kept. */
  auditDays?: number;
  /** The setting RECOMMEND_UNLISTED; auto by default. */
  unlisted?: Unlisted;
  /** Addresses under which imports may be fetched; none by default. */
  importUrls?: readonly string[];
  /** The setting IMPORT_DIR of this process; workers read, and may have another. */
  importDir?: string | undefined;
  /** Where notices may be sent; nowhere by default. */
  webhookAddresses?: WebhookAddresses;
  eventStream?: EventStreamTiming;
  interactionStream?: InteractionStreamTiming;
  /** Says when the process is about to end; without it, never. */
  leaving?: Leaving;
  /** Ready although a model was never loaded here: popularity answers in its place. */
  readyWithoutModels?: boolean;
  /** More waiting jobs are refused. */
  maxQueuedJobs?: number;
  /** The disks that are written to; without it nothing is known of them. */
  disk?: Disk;
  /** Counts requests of all api processes together; without it each process counts its own. */
  sharedCounts?: Pick<ShortMemory, 'count'> | null;
  /** The settings of the installation as people may see them. */
  settings?: readonly ShownSetting[];
  /** Without it nothing is traced. */
  tracer?: Tracer | undefined;
  /** Those that differ from the defaults of the settings. */
  limits?: Partial<Limits>;
}

/** How often users were found in a cache, since it is there. */
export interface CacheLookups {
  cache: 'histories' | 'vectors';
  model: string;
  version: string;
  hits: number;
  misses: number;
}

/** Plans jobs over the data as they are; whatever knows how to train stays out of this process's event loop. */
export interface Planner {
  /**
   * @param requested as it was posted
   * @param specs one per student, the first first
   * @returns a plan for each
   */
  plan(requested: DistillationSpec, specs: readonly CompleteDistillation[]): Promise<JobPlan[]>;
}

export interface Blobs {
  put(key: string, body: Readable): Promise<{ bytes: number; sha256: string }>;
  get(key: string): Promise<Buffer>;
  list(prefix: string): Promise<{ key: string; bytes: number }[]>;
  open(key: string, range?: { start: number; end: number }): Promise<Readable>;
  stat(key: string): Promise<{ bytes: number; changedAt: number } | null>;
  remove(key: string): Promise<void>;
}

export interface JobQueue {
  /** Rejects with problem('queue-unavailable'). */
  enqueue(job: Pick<Job, 'id' | 'type'>, turn?: { priority?: number; notBefore?: string }): Promise<void>;
  remove(jobId: string): Promise<void>;
  /** The queues as the page at /admin/queue shows them. */
  board(): Promise<QueueBoard[]>;
  healthy(): boolean;
  signals: {
    publish(signal: Signal): Promise<void>;
    subscribe(listener: (signal: Signal) => void): () => void;
  };
}

export interface LiveModelStates {
  status(model: string, version: number): ModelVersion['serving'];
  /** The models that answer requests that name none. */
  defaults(): DefaultModels;
  /** Brings this process up to date with the registry. */
  refresh(): Promise<void>;
  loaded(): readonly { model: string; version: number }[];
  /** The traffic between versions, as this process goes by it. */
  traffic(model: string): LiveTraffic | undefined;
  /** Models that should be served and of which this process has never loaded a version. */
  missing(): readonly { model: string; reason: string }[];
  trained(): readonly { model: string; version: number; weighting: Weighting }[];
}

export interface EventStreamTiming {
  pollMs: number;
  heartbeatMs: number;
}

/** Milliseconds. */
export interface InteractionStreamTiming {
  /** A batch is stored when nothing more has come for so long. */
  pauseMs: number;
  /** A sender that takes no answers for so long is cut off. */
  unreadMs: number;
  /** Bytes that are sent after an early end are dropped for so long, then the connection ends. */
  lingerMs: number;
}
