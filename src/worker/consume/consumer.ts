import { setTimeout as sleep } from 'node:timers/promises';
import { batched } from '../../core/batched.ts';
import { messageOf } from '../../core/errors.ts';
import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import { installedFrom } from '../../domain/data/installed.ts';
import { unknownTypeWarning } from '../../domain/data/unknown-type.ts';
import type { Installed } from '../../domain/data/weighting.ts';
import type { ConsumedBatch, RejectedMessage } from '../../store/consumed/contract.ts';
import type { ConsumeDeps } from './consume-deps.ts';
import type { TopicMessage } from './message-rows.ts';
import { startPositions } from './start-positions.ts';

export interface TopicConsumer {
  /** Why messages are not being stored at the moment; null where they are. */
  whyNotReady(): string | null;
  /** Resolves after the signal, when the last batch is stored and the group is left. */
  ended: Promise<void>;
}

/** Messages that one transaction stores; other writers wait for it. */
const MOST = 1_000;
/** A batch is stored when nothing more has come for so long. */
const PAUSE_MS = 50;
const LAG_MS = 15_000;
const [FIRST_RETRY_MS, LAST_RETRY_MS] = [250, 10_000];

/**
 * Reads a topic until the signal. Nothing ends it: where Kafka or the database is away it tries again, and reads no further meanwhile.
 */
export function startConsumer(deps: ConsumeDeps): TopicConsumer {
  let problem: string | null = 'the group has not been joined yet';
  const say = (reason: string | null) => {
    problem = reason;
  };
  return { whyNotReady: () => problem, ended: run(deps, say) };
}

async function run(deps: ConsumeDeps, say: (reason: string | null) => void): Promise<void> {
  const { reader, logger, signal } = deps;
  let pauseMs = FIRST_RETRY_MS;
  while (!signal.aborted) {
    try {
      await readOnce(deps, () => {
        say(null);
        pauseMs = FIRST_RETRY_MS;
      });
    } catch (error) {
      if (signal.aborted) break;
      say(messageOf(error));
      logger.warn({ err: error, topic: deps.topic }, 'messages are not read; it is tried again');
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(2 * pauseMs, LAST_RETRY_MS);
    }
  }
  await reader.close().catch((error) => logger.warn({ err: error }, 'the group could not be left'));
}

/** Reads from the stored positions until this member gets other partitions, or another one has moved a position. */
async function readOnce(deps: ConsumeDeps, onReady: () => void): Promise<void> {
  const { reader, group, topic, logger, metrics, signal } = deps;
  const partitions = await reader.join();
  const { topicId, positions } = await startPositions(deps, partitions);
  logger.info({ group, topic, positions: Object.fromEntries(positions) }, 'reading from these positions');
  onReady();
  metrics.assigned(partitions.length);
  const over = new AbortController();
  const looking = lookAtLag(deps, positions, AbortSignal.any([signal, over.signal]));
  try {
    await storeAll(deps, topicId, positions, onReady);
  } finally {
    over.abort();
    await looking;
  }
}

async function storeAll(
  deps: ConsumeDeps,
  topicId: string,
  positions: Map<number, number>,
  onReady: () => void,
): Promise<void> {
  const { reader, group, topic, logger, signal } = deps;
  const messages = reader.read(positions, signal);
  // The end of the reading at the signal is the reader's: what it has handed out is stored.
  const never = new AbortController().signal;
  for await (const batch of batched(messages, { most: MOST, pauseMs: PAUSE_MS, stop: never })) {
    const isStored = await storeBatch(deps, topicId, positions, batch);
    if (isStored) onReady();
    else return logger.info({ group, topic }, 'another consumer has read on; positions are looked up again');
    if (signal.aborted) return;
  }
}

/** Says from time to time how many messages wait. */
function lookAtLag(
  { reader, metrics, logger }: ConsumeDeps,
  positions: ReadonlyMap<number, number>,
  signal: AbortSignal,
): Promise<void> {
  return keepAt(
    async () => {
      const { bounds } = await reader.topic();
      let lag = 0;
      for (const [partition, next] of positions) lag += Math.max(0, (bounds.get(partition)?.end ?? 0) - next);
      metrics.lag(lag);
    },
    {
      ...{ signal, intervalMs: LAG_MS },
      onFailure: (reason) => logger.debug({ reason }, 'it is not known how many messages wait'),
    },
  );
}

/** @returns false where nothing was stored, as another consumer has moved a position */
async function storeBatch(
  deps: ConsumeDeps,
  topicId: string,
  positions: Map<number, number>,
  messages: readonly TopicMessage[],
): Promise<boolean> {
  const { store, read, metrics, now, group, topic } = deps;
  const installed = installedFrom(await store.eventTypes.list());
  const at = now();
  const next = new Map<number, number>();
  const rows: ConsumedBatch['rows'][number][] = [];
  const rejects: RejectedMessage[] = [];
  for (const message of messages) {
    const found = read(message, at, installed);
    for (const row of found.rows) rows.push(row);
    for (const reject of found.rejects) rejects.push(reject);
    next.set(message.partition, message.offset + 1);
  }
  const parts = [...next].map(([partition, end]) => ({
    partition,
    from: positions.get(partition)!,
    next: end,
  }));
  const outcomes = await store.consumed.store({ group, topic, topicId, parts, rows, rejects });
  if (outcomes === null) return false;
  for (const [partition, end] of next) positions.set(partition, end);
  metrics.stored(messages.length, outcomes, rejects.length);
  warnOfUnknown(rows, installed, deps.logger);
  return true;
}

const warned = new Set<string>();
const MOST_WARNED = 100;

/** Once for each type. */
function warnOfUnknown(rows: ConsumedBatch['rows'], installed: Installed, logger: Logger): void {
  for (const type of new Set(rows.map((row) => row.type))) {
    if (installed(type) !== null || warned.has(type) || warned.size === MOST_WARNED) continue;
    warned.add(type);
    logger.warn({ type }, unknownTypeWarning(type));
  }
}
