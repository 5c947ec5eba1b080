import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createArtifactStore } from '../artifact/store/create-store.ts';
import { type Config, foldersOf, readConfig, readShownSettings } from '../core/config.ts';
import { createDisk } from '../core/disk.ts';
import { messageOf } from '../core/errors.ts';
import { createLogger, type Logger, stdoutInBackground } from '../core/logger.ts';
import { makePrivateFiles, tighten } from '../core/private-files.ts';
import { createSecrets, type Secrets, secretKeyOf } from '../core/secrets.ts';
import { createWebhookAddresses } from '../core/webhook-address.ts';
import { popularityOf } from '../domain/data/popularity.ts';
import { DEFAULT_ALIAS } from '../domain/jobs/distillation-spec.ts';
import { createAbsentQueue } from '../http/absent-queue.ts';
import { type ApiKey, parseApiKeys } from '../http/api-keys.ts';
import { buildApp } from '../http/app.ts';
import { createPlannerThread } from '../http/jobs/planner-thread.ts';
import type { Leaving } from '../http/leaving.ts';
import { limitsOf } from '../http/limits.ts';
import { isLoopback } from '../http/loopback.ts';
import { createQueueProducer } from '../jobs/producer.ts';
import { CONTINUED_BYTES, CONTINUED_MS, type Continuation } from '../serving/answers/continuation.ts';
import { createRecommender } from '../serving/answers/recommender.ts';
import { announceWrites } from '../serving/caches/announce-writes.ts';
import { createChanges } from '../serving/caches/changes.ts';
import { createHistories } from '../serving/caches/histories.ts';
import { createServedLog } from '../serving/caches/served-log.ts';
import { createSharedCache } from '../serving/caches/shared-cache.ts';
import { createLiveModels } from '../serving/models/live-models.ts';
import { createWarmUp } from '../serving/models/warm-up.ts';
import { createCatalogueWork } from '../serving/threads/catalogue-work.ts';
import { createScanThreads } from '../serving/threads/scan-threads.ts';
import { createShadow } from '../serving/traffic/shadow.ts';
import { createTrafficWatch } from '../serving/traffic/watch.ts';
import { createInstalledEvents } from '../serving/views/installed-events.ts';
import { openPatiently } from '../store/open-patiently.ts';
import type { Store } from '../store/store.ts';
import { startTracing } from '../tracing/start.ts';

const MODEL_POLL_MS = 1000;
const QUEUE_PATIENCE_MS = 1000;
const LONGEST_CLOSE_MS = 10_000;
const MAKE_A_KEY =
  'Set API_KEYS=<sha256 of a key>:admin (node dist/bin/stillhouse.js key makes a key and that line)';

await main().catch((error) => {
  // Before there is a logger, or because what it needs is missing: one sentence, no stack.
  console.error(messageOf(error));
  // The Redis client and the model poll would keep the process alive.
  process.exit(1);
});

async function main(): Promise<void> {
  const config = readConfig();
  makePrivateFiles(config.dataDir);
  const apiKeys = parseApiKeys(config.apiKeys);
  refuseOpenDoor(config, apiKeys);
  const logger = createLogger('api', config.logLevel, stdoutInBackground());
  const leaving: Leaving = { isLeaving: false };
  const { app, queue, release, sealQueries } = await wire(config, apiKeys, leaving, logger);
  closeOnSignals(logger, leaving, config.leaveSeconds * 1000, async () => {
    await app.close();
    await release();
  });
  const address = await app.listen({ host: config.host, port: config.port });
  logger.info({ address, readyMs: Math.round(performance.now()) }, 'ready');
  // Better now than in the middle of the traffic, when the first job comes.
  await queue.prepare();
  await Promise.all([sealQueries(), tighten(config.dataDir, logger)]);
}

/** Without keys everybody who reaches the port may do everything. */
function refuseOpenDoor(config: Config, apiKeys: readonly ApiKey[]): void {
  if (apiKeys.length > 0) return;
  const { host, trustProxy, corsOrigins } = config;
  const opener = trustProxy.length > 0 ? 'TRUST_PROXY' : corsOrigins.length > 0 ? 'CORS_ORIGINS' : null;
  if (opener !== null) throw new Error(`${opener} lets others in, but API_KEYS is empty. ${MAKE_A_KEY}.`);
  if (isLoopback(host)) return;
  throw new Error(`HOST=${host} is open to others, but API_KEYS is empty. ${MAKE_A_KEY}, or HOST=127.0.0.1.`);
}

// Long because it wires every part of the api.
async function wire(config: Config, apiKeys: readonly ApiKey[], leaving: Leaving, logger: Logger) {
  const plainStore = await openPatiently(config.databaseUrl, logger);
  const artifacts = createArtifactStore(config, logger);
  const secrets = createSecrets(secretKeyOf(config.secretsKey, config.dataDir));
  const queue = config.redisUrl
    ? createQueueProducer({ redisUrl: config.redisUrl, prefix: config.redisPrefix, logger })
    : createAbsentQueue();
  const changes = createChanges({
    ...queue.signals,
    // A server that hangs keeps its connections, and says nothing.
    listening: () => queue.signals.listening() && queue.healthy(),
  });
  const store = announceWrites(plainStore, changes);
  const threads = createScanThreads({ size: Math.max(1, Math.min(4, availableParallelism() - 1)), logger });
  const work = createCatalogueWork(threads);
  const installedEvents = createInstalledEvents(store.eventTypes, changes);
  // Before any history is folded.
  await installedEvents.get();
  const histories = createHistories(store.interactions, changes, undefined, installedEvents.peek);
  const models = createLiveModels({
    store,
    artifacts,
    signals: queue.signals,
    logger,
    alias: DEFAULT_ALIAS,
    pollMs: MODEL_POLL_MS,
    maxBytes: config.modelMemoryMib * 2 ** 20,
    work,
    catalogue: { itemsRevision: store.catalogue.itemsRevision, items: store.exports.items },
    installed: installedEvents.peek,
    heed: histories.heed,
    warm: createWarmUp(histories, Date.now),
    ...(config.defaultModel === undefined ? {} : { defaultModel: config.defaultModel }),
  });
  // Whoever is told that the api is ready may post a job at once. Serving needs no queue, so nobody waits for long.
  await Promise.all([models.start(), queue.connected(QUEUE_PATIENCE_MS)]);
  const recommender = createRecommender({
    store,
    liveModels: models,
    changes,
    histories,
    installedEvents,
    work,
    definition: popularityOf(config.popularityHalfLifeDays),
    unlisted: config.recommendUnlisted,
    now: Date.now,
  });
  const servedLog = createServedLog({ store: store.served, logger, sample: config.servedSample });
  const shadow = createShadow({ store: store.traffic, recommendTo: recommender.recommendTo, logger });
  const continuations = createSharedCache<Continuation>({
    ttlMs: CONTINUED_MS,
    maxBytes: CONTINUED_BYTES,
    shared: queue.memory,
  });
  const planner = startPlanner(config, logger);
  const tracer = await startTracing(config, 'api', logger);
  const app = buildApp({
    logger,
    ...{ changes, secrets },
    ...{ logAddresses: config.logAddresses, auditDays: config.auditDays },
    now: Date.now,
    store,
    artifacts,
    queue,
    models,
    recommender,
    installedEvents,
    unlisted: config.recommendUnlisted,
    planner,
    servedLog,
    servedSample: config.servedSample,
    traffic: createTrafficWatch({ models, shadow }),
    continuations,
    caches: () => [
      { cache: 'histories', model: '', version: '', ...histories.lookups() },
      ...models.lookups().map((of) => ({ cache: 'vectors' as const, ...of, version: String(of.version) })),
    ],
    apiKeys,
    leaving,
    readyWithoutModels: config.readyWithoutModels === 'true',
    maxQueuedJobs: config.maxQueuedJobs,
    importUrls: config.importUrls,
    importDir: config.importDir,
    webhookAddresses: webhookAddressesOf(config),
    sharedCounts: queue.memory,
    disk: createDisk(foldersOf(config), config.minFreeDiskMib * 2 ** 20),
    settings: readShownSettings(),
    limits: limitsOf(config),
    tracer,
  });
  const release = async () => {
    await planner.close();
    await servedLog.close();
    await shadow.close();
    await models.close();
    await threads.close();
    await queue.close();
    await Promise.all([store.close(), tracer?.close()]);
  };
  return { app, queue, release, sealQueries: () => sealFormerQueries(store, secrets, logger) };
}

/** Jobs of earlier releases have the queries of import addresses as they are. */
async function sealFormerQueries({ jobs }: Pick<Store, 'jobs'>, { seal }: Secrets, logger: Logger) {
  try {
    const sealed = await jobs.sealQueries(seal);
    if (sealed > 0)
      logger.info({ sealed }, 'queries of import addresses of an earlier release are encrypted');
  } catch (error) {
    logger.warn({ err: error }, 'queries of import addresses of an earlier release are not encrypted yet');
  }
}

function webhookAddressesOf({ webhookUrls: urls, webhookPrivateAddresses: privateAddresses }: Config) {
  return createWebhookAddresses({ urls, privateAddresses });
}

function startPlanner({ databaseUrl, artifactsUrl, trainerMemoryMib: memoryMiB }: Config, logger: Logger) {
  return createPlannerThread({ databaseUrl, artifactsUrl, memoryMiB }, logger);
}

/** The first signal lets requests finish, the second does not wait. After SIGTERM others have time to see that we leave. */
function closeOnSignals(logger: Logger, leaving: Leaving, leaveMs: number, close: () => Promise<void>): void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (leaving.isLeaving) process.exit(1);
    leaving.isLeaving = true;
    logger.info({ signal }, 'closing');
    const pauseMs = signal === 'SIGTERM' ? leaveMs : 0;
    setTimeout(() => process.exit(1), pauseMs + LONGEST_CLOSE_MS).unref();
    const closed = pauseMs === 0 ? close() : sleep(pauseMs).then(close);
    closed.then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'not closed cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
