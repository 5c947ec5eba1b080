import type { NewNotice, Notice, NoticeKind } from '../../domain/notices/notice.ts';
import type { Paged } from '../engine/paged.ts';

/** What happened to the installation. Ends of jobs and moves of aliases are written by the store itself. */
export interface NoticeStore {
  /** Writes one down, in a transaction of its own. */
  add(notice: NewNotice): Promise<void>;
  /** Newest first. */
  list(filter: NoticeFilter, limit: number, cursor?: string): Promise<Paged<Notice>>;
  /** Forgets those from before the time in milliseconds, oldest first. @returns how many */
  forget(before: number, limit: number): Promise<number>;
}

export interface NoticeFilter {
  kind?: NoticeKind | undefined;
  model?: string | undefined;
}
