import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { AddOutcome } from '../../store/data/contract.ts';

export interface ConsumeMetrics {
  registry: Registry;
  assigned(partitions: number): void;
  /** One stored batch. */
  stored(messages: number, outcomes: readonly AddOutcome[], rejected: number): void;
  /** Messages that Kafka had deleted before they were read. */
  lost(messages: number): void;
  /** Messages of this member's partitions that are not stored yet. */
  lag(messages: number): void;
}

export function createConsumeMetrics(): ConsumeMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const partitions = new Gauge({
    name: 'stillhouse_consumer_partitions',
    help: 'Partitions of the topic that this consumer reads.',
    registers,
  });
  const messages = new Counter({
    name: 'stillhouse_consumer_messages_total',
    help: 'Messages that were read and settled.',
    registers,
  });
  const rows = new Counter({
    name: 'stillhouse_consumer_rows_total',
    help: 'Rows of these messages, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const lost = new Counter({
    name: 'stillhouse_consumer_lost_messages_total',
    help: 'Messages that Kafka had deleted before they were read.',
    registers,
  });
  const lag = new Gauge({
    name: 'stillhouse_consumer_lag_messages',
    help: 'Messages of these partitions that are not stored yet, as of the last look.',
    registers,
  });
  return {
    registry,
    assigned: (count) => partitions.set(count),
    stored(count, outcomes, rejected) {
      const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
      messages.inc(count);
      rows.inc({ outcome: 'accepted' }, accepted);
      rows.inc({ outcome: 'duplicate' }, outcomes.length - accepted);
      rows.inc({ outcome: 'rejected' }, rejected);
    },
    lost: (count) => lost.inc(count),
    lag: (count) => lag.set(count),
  };
}
