import type { Paged } from '../engine/paged.ts';

/** One change, or a count of like requests. Times are milliseconds. */
export interface AuditEntry {
  id: string;
  at: number;
  keyId: string | null;
  keyName: string | null;
  address: string | null;
  /** Method and route, as in `DELETE /models/:name`, or what a job did. */
  action: string;
  /** Ids of what was changed, by their names; users as pseudonyms. */
  targets: Readonly<Record<string, string>>;
  /** Status of the answer; null for what a job did. */
  status: number | null;
  /** 1, or how many like requests of a minute the entry counts. */
  requests: number;
  requestId: string | null;
}

export interface AuditFilter {
  keyId?: string | undefined;
  action?: string | undefined;
  /** Entries with one of these texts among their targets. */
  targets?: readonly string[] | undefined;
  /** By the status of the answer: below 400, 401, 403 and 429, any other one from 400 on. */
  outcome?: 'done' | 'refused' | 'failed' | undefined;
  /** Since is included, until is not. */
  since?: number | undefined;
  until?: number | undefined;
}

export interface AuditStore {
  add(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, limit: number, cursor?: string): Promise<Paged<AuditEntry>>;
  /** Deletes some of the entries before a time. @returns how many */
  expire(before: number, limit: number): Promise<number>;
}
