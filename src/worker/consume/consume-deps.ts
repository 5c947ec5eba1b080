import type { Logger } from '../../core/logger.ts';
import type { Store } from '../../store/store.ts';
import type { ConsumeMetrics } from './consume-metrics.ts';
import type { createMessageReader } from './message-rows.ts';
import type { TopicReader } from './topic-reader.ts';

/** All that a consumer works with. */
export interface ConsumeDeps {
  reader: TopicReader;
  /** Announces to api processes whose histories have changed. */
  store: Pick<Store, 'consumed' | 'eventTypes'>;
  read: ReturnType<typeof createMessageReader>;
  group: string;
  topic: string;
  /** Where reading begins in a partition that the group has never read. */
  from: 'earliest' | 'latest';
  metrics: ConsumeMetrics;
  logger: Logger;
  now(): number;
  signal: AbortSignal;
}
