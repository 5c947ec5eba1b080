import type { Static } from 'typebox';
import type { QueueView } from '../../../domain/jobs/queue.ts';

export type Queue = Static<typeof QueueView>;

/** Answer of GET /health/ready. */
export interface Ready {
  warnings: string[];
  queue: 'up' | 'down';
  models: { model: string; version: number }[];
  disk?: { freeBytes: number; leastBytes: number };
}

/** Answer of GET /answers. */
export interface Answered {
  since: string;
  data: AnsweredRow[];
}

export interface AnsweredRow {
  model: string | null;
  version: number | null;
  source: string;
  reason: string | null;
  count: number;
}
