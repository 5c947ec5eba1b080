// Reads interactions from a topic of Kafka; a process of its own, beside api and worker.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, readConfig } from '../core/config.ts';
import { AppError } from '../core/errors.ts';
import { keepAt } from '../core/keep-at.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import { makePrivateFiles } from '../core/private-files.ts';
import type { ImportQuery } from '../domain/data/import.ts';
import { type FileShape, shapeOf } from '../http/jobs/import-shape.ts';
import { connectFast, DEFAULT_PREFIX } from '../jobs/connection.ts';
import { createSignals } from '../jobs/signals.ts';
import { announceWrites } from '../serving/caches/announce-writes.ts';
import { createStore } from '../store/create-store.ts';
import type { Store } from '../store/store.ts';
import { CONSUME_USAGE, type ConsumeArguments, parseConsumeArguments } from '../worker/consume/arguments.ts';
import { createConsumeMetrics } from '../worker/consume/consume-metrics.ts';
import { startConsumer } from '../worker/consume/consumer.ts';
import { kafkaAccess } from '../worker/consume/kafka-access.ts';
import { createMessageReader } from '../worker/consume/message-rows.ts';
import { createTopicReader } from '../worker/consume/topic-reader.ts';
import { announceUsers } from '../worker/import/import-work.ts';
import { socketPathFor } from './all-in-one/redis-socket.ts';
import { asksForHelp } from './commands/command.ts';
import { openInstallation } from './commands/installation.ts';
import { openHealthPort } from './health-port.ts';

const SWEEP_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** @throws Error with one sentence that says what is wrong with arguments or settings */
export async function consume(args: readonly string[]): Promise<void> {
  if (asksForHelp(args)) return console.log(CONSUME_USAGE);
  const asked = parseConsumeArguments(args);
  const config = readConfig();
  if (asked.reset || asked.rejects !== undefined) return tell(asked, await openInstallation(config));
  const access = kafkaAccess(config, asked.brokers);
  const { type, reading } = await shapeOfArguments(asked);
  const read = createMessageReader({ ...reading, type });
  const redisUrl = config.redisUrl ?? privateRedis(config);
  makePrivateFiles(config.dataDir);
  const logger = createLogger('consumer', config.logLevel);
  const store = await createStore(config.databaseUrl, logger);
  const stopping = stopOnSignals(logger);
  const { announced, close } = announcing(store, redisUrl, config.redisPrefix ?? DEFAULT_PREFIX, logger);
  const metrics = createConsumeMetrics();
  const { group, topic, from } = asked;
  const onProblem = (reason: string) => logger.warn({ reason }, 'trouble with Kafka');
  const reader = createTopicReader(access, { group, topic }, onProblem);
  const consumer = startConsumer({
    ...{ reader, store: announced, read, group, topic, from, metrics, logger },
    ...{ now: Date.now, signal: stopping },
  });
  const port = await openHealthPort(config, {
    ...{ store, role: 'consumer', logger, registry: metrics.registry },
    whyNotReady: () => consumer.whyNotReady(),
  });
  // Alive, though it may still wait for Kafka.
  process.send?.({ kind: 'ready' });
  const sweeping = keepSwept(store, config, logger, stopping);
  await consumer.ended;
  await Promise.all([sweeping, port?.close()]);
  close();
  await store.close();
  process.exit(0);
}

/** Does what needs no Kafka: prints rejects, or forgets positions. */
async function tell({ group, topic, rejects, reset }: ConsumeArguments, store: Store): Promise<void> {
  try {
    if (reset) {
      const partitions = await store.consumed.reset(group, topic);
      return console.log(
        `Group ${group} has forgotten its positions in ${partitions} partitions of ${topic}.`,
      );
    }
    for (const { at, userId: _, ...reject } of await store.consumed.rejects(group, topic, rejects!))
      console.log(JSON.stringify({ at: new Date(at).toISOString(), ...reject }));
  } finally {
    await store.close();
  }
}

/** Options as those of an import of JSON lines, with its sentences about what is wrong. */
async function shapeOfArguments({ reading }: ConsumeArguments): Promise<FileShape> {
  const { trim, ...texts } = reading;
  if (trim !== undefined && trim !== 'true' && trim !== 'false')
    throw new Error(`--trim must be true or false; got ${trim}.`);
  const query = { ...texts, ...(trim !== undefined && { trim: trim === 'true' }) };
  try {
    return await shapeOf({ kind: 'interactions', format: 'ndjson', ...query } as ImportQuery);
  } catch (error) {
    throw error instanceof AppError ? new Error(error.detail) : error;
  }
}

/** That of the service on this machine that was started without one. */
function privateRedis({ dataDir }: Config): string {
  const socket = socketPathFor(path.join(dataDir, 'redis'));
  if (existsSync(socket)) return pathToFileURL(socket).href.replace(/^file:/, 'unix:');
  throw new Error(
    'REDIS_URL is not set, and no service runs on DATA_DIR: the consumer needs the Redis of the api, which hears from it what is new.',
  );
}

function announcing(store: Store, redisUrl: string, prefix: string, logger: Logger) {
  const publisher = connectFast(redisUrl, logger.child({ connection: 'commands' }));
  const signals = createSignals({ redisUrl, prefix, publisher, logger });
  const announced = announceWrites(store, {
    users: (users) => announceUsers(users, signals),
    items: () => {},
    rules: () => {},
  });
  const close = () => {
    signals.close();
    publisher.disconnect();
  };
  return { announced, close };
}

/** Messages that could not be stored are kept as long, and as many of them, as bad lines of imports. */
function keepSwept(store: Store, config: Config, logger: Logger, signal: AbortSignal): Promise<void> {
  const { retainRejectsDays, keepRejects } = config;
  return keepAt(() => store.consumed.sweep(Date.now() - retainRejectsDays * DAY_MS, keepRejects), {
    ...{ signal, intervalMs: SWEEP_MS },
    onFailure: (reason) => logger.warn({ reason }, 'old rejects could not be deleted; it is tried again'),
  });
}

/** The first signal ends the reading, the second the process. */
function stopOnSignals(logger: Logger): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1);
      logger.info({ signal }, 'stopping');
      stopping.abort();
    });
  }
  return stopping.signal;
}
