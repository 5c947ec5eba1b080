import type { Generated } from 'kysely';

/** The tables of notices, webhooks and drift. */
export interface WatchTables {
  /** Notices of what happened to the installation; data as JSON. */
  notices: {
    id: string;
    at: number;
    kind: string;
    model: string | null;
    version: number | null;
    job_id: string | null;
    data: string;
  };
  drift_settings: {
    model: string;
    settings: string;
    /** A job as schedules keep one. */
    job: string | null;
    key_id: string | null;
    next_at: number;
    revision: Generated<number>;
    claimed_until: number | null;
    drifted: Generated<number>;
    last_job: string | null;
    last_job_at: number | null;
  };
  drift_checks: { id: string; model: string; at: number; state: string; result: string };
  webhooks: {
    id: string;
    created_at: number;
    url: string;
    /** JSON list; null for all. */
    kinds: string | null;
    /** JSON list; null for all. */
    models: string | null;
    secret: string;
    enabled: number;
    disabled_because: string | null;
    /** Attempts that failed since the last that did not. */
    failures: Generated<number>;
  };
  webhook_deliveries: {
    id: string;
    webhook_id: string;
    kind: string;
    body: string;
    created_at: number;
    state: Generated<string>;
    attempts: Generated<number>;
    next_at: number;
    last_at: number | null;
    status: number | null;
    error: string | null;
    /** That of its job, as JSON. */
    trace: string | null;
  };
}
