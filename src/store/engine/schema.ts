import type { Generated, Kysely } from 'kysely';
import type { ConsumerTables } from './consumers-migration.ts';
import type { AuditTable, KeyTable } from './keys-migration.ts';
import type { WatchTables } from './watch-schema.ts';

// Long because it lists every table.

/** The tables as Kysely sees them, the same for every engine. Times are milliseconds, JSON is text. */
export interface Schema extends WatchTables, ConsumerTables {
  meta: { key: string; value: string };
  types: { type_key: Generated<number>; type: string };
  users: {
    user_key: Generated<number>;
    user_id: string;
    /** Null: only interactions speak of this user. */
    features: string | null;
  };
  items: {
    item_key: Generated<number>;
    item_id: string;
    /** False: only interactions speak of this item, the catalogue does not know it. */
    in_catalogue: Generated<number>;
    title: string | null;
    categories: Generated<string>;
    labels: Generated<string>;
    features: Generated<string>;
    hidden: Generated<number>;
    available_from: number | null;
    available_until: number | null;
    /** Kept with every insert, so that popularity needs no pass over all interactions. */
    interactions: Generated<number>;
    /** When it first came into the catalogue; null where that was before this was kept, or where it never did. */
    added_at: number | null;
  };
  /** Popularity of items, computed in the background; rows of one generation belong together. */
  popularity: {
    generation: number;
    item_key: number;
    score: number;
    users: number;
    recent: number;
    past: number;
    trend: number;
  };
  interactions: {
    seq: Generated<number>;
    user_key: number;
    item_key: number;
    type_key: number;
    value: number | null;
    timestamp: number | null;
    event_id: string | null;
    /** 1: the time is that of receipt. */
    received: Generated<number>;
    /** JSON, or null. */
    context: string | null;
  };
  /** Users whose rows are another one's now. */
  merged_users: { user_id: string; into_id: string; merged_at: number };
  /** Declared meanings of types; the meaning as JSON. */
  event_types: { type: string; meaning: string; updated_at: number };
  tombstones: {
    user_key: number;
    item_key: number;
    type_key: number;
    timestamp: number | null;
    event_id: string | null;
    deleted_at: number;
  };
  deletions: { id: string; at: number; what: string; interactions: number };
  import_rejects: {
    job_id: string;
    line: number;
    reason: string;
    text: string;
    /** Whose line it was, where that could be read. */
    user_id: string | null;
  };
  /** Whom imports that have not ended must not bring back. */
  erased_users: { pseudonym: string; at: number };
  jobs: JobTable;
  job_events: { job_id: string; seq: number; at: number; type: string; data: string };
  job_logs: { job_id: string; seq: number; at: number; level: string; message: string };
  /** Durations and outcomes of jobs, counted when they happen: a scrape must not read every job there ever was. */
  job_counters: { name: string; label: string; value: number };
  idempotency_keys: IdempotencyTable;
  schedules: ScheduleTable;
  model_versions: VersionTable;
  workers: { id: string; started_at: number; seen_at: number; info: string };
  aliases: {
    model: string;
    alias: string;
    version: number;
    updated_at: number;
    /** When the alias was first set for this model. */
    created_at: number;
  };
  /** Every move of every alias, counted from 1. */
  alias_moves: {
    model: string;
    alias: string;
    seq: number;
    at: number;
    /** Null where the alias was removed. */
    version: number | null;
    action: string;
    /** Which API key asked for it; null for a job, or without keys. */
    key_id: string | null;
    job_id: string | null;
    reason: string | null;
  };
  model_settings: { model: string; keep_versions: number | null };
  rules: { id: string; created_at: number; rule: string };
  /** Policies for all answers of a model, as JSON. */
  serving_policies: { model: string; policy: string; updated_at: number };
  external_teachers: { name: string; teacher: string };
  /** A sample of the recommendations that were answered. */
  served: {
    id: string;
    model: string;
    version: number;
    at: number;
    items: string;
    /** Hash of the user, which forgetUnits erases; null where none is known, and of before. */
    unit: string | null;
    /** The variant that answered; null where the model has no traffic. */
    variant: string | null;
    /** The comparison that it counts for; null for none. */
    epoch: number | null;
  };
  api_keys: KeyTable;
  audit: AuditTable;
  served_clicks: {
    served_id: string;
    item_id: string;
    type: string;
    at: number;
    value: number | null;
    /** 1: of a type of the kind purchase. */
    conversion: Generated<number>;
  };
  /** Which share of the users which version answers; all but its state as JSON. */
  traffic: {
    model: string;
    traffic: string;
    state: string;
    began_at: number;
    updated_at: number;
    key_id: string | null;
  };
  /** Counts of the users of an experiment, by their hashes. */
  traffic_users: UserCounts;
  shadow_counts: { model: string; version: number; live_version: number; counts: string };
}

/** Counts of one user of an experiment. */
export interface UserCounts {
  model: string;
  unit: string;
  /** Begin of the comparison that it belongs to. */
  epoch: number;
  variant: string;
  /** Reactions that come later do not count. */
  until: number;
  served: number;
  clicked: number;
  conversions: number;
  revenue: number;
}

export interface JobTable {
  id: string;
  type: string;
  state: string;
  model: string | null;
  spec: string;
  attempts: number;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  progress: string | null;
  result: string | null;
  problem: string | null;
  /** Sequence number of the newest event. */
  last_event: number;
  /** Sequence number of the newest log line. */
  last_log: Generated<number>;
  priority: Generated<number>;
  not_before: number | null;
  retried_from: string | null;
  /** Which API key asked for it. */
  key_id: string | null;
  /** Jobs with the same text here run one at a time. */
  exclusive: string | null;
  /** The schedule that started it. */
  schedule_id: string | null;
  /** The job that must have succeeded before this one may run. */
  waits_for: string | null;
  /** Its plan, as JSON. */
  plan: string | null;
  /** Where its trace goes on, as JSON; null where nobody traced it. */
  trace: string | null;
}

interface ScheduleTable {
  id: string;
  name: string | null;
  created_at: number;
  cron: string | null;
  time_zone: string | null;
  after_interactions: number | null;
  /** All of a new job but its id. */
  job: string;
  paused: Generated<number>;
  /** Grows with every change: two processes that both want the next step differ in nothing else. */
  revision: Generated<number>;
  next_at: number | null;
  /** The newest interaction at the last run. */
  counted_from: number;
  last_job: string | null;
  last_at: number | null;
  skip: string | null;
  key_id: string | null;
}

interface IdempotencyTable {
  /** Names the requester and the operation; keys of two requesters do not meet. */
  scope: string;
  key: string;
  /** Fingerprint of the request. */
  fingerprint: string;
  created_at: number;
  /** Null while the first request is still being answered. */
  job_id: string | null;
}

export interface VersionTable {
  model: string;
  version: number;
  job_id: string;
  created_at: number;
  artifact: string;
  bytes: number;
  items: number;
  dimensions: number;
  summary: string;
  deleted_at: number | null;
  collected_at: number | null;
  /** Outcome of its gate, as JSON. */
  release: string | null;
  /** Names the request whose several students are chosen from. */
  contest: string | null;
  /** JSON list. */
  tags: Generated<string>;
  note: string | null;
  /** Versions whose teachers or students taught it, as a JSON list. */
  taught_by: Generated<string>;
}

/** A SQL database as the table groups see it: queries that see committed rows, and write transactions. */
export interface SqlEngine {
  reads: Kysely<Schema>;
  /** One transaction, alone against every other writer. What the body throws rolls it back. */
  write<T>(body: (transaction: Kysely<Schema>) => Promise<T>): Promise<T>;
  now(): number;
}
