// Without a command the whole service on one machine: a private Redis unless REDIS_URL is set, the api and the worker, each a process
// of its own. They live and end together.
import path from 'node:path';
import { builtProgram } from '../core/built-file.ts';
import { type Config, readConfig } from '../core/config.ts';
import { messageOf } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import { makePrivateFiles } from '../core/private-files.ts';
import { lockDataDir } from './all-in-one/data-dir-lock.ts';
import { freePort } from './all-in-one/free-port.ts';
import { type KeptRedis, keepPrivateRedis } from './all-in-one/kept-redis.ts';
import { untilAnswering, untilReadyMessage, urlOf } from './all-in-one/ready.ts';
import { findRedisServer } from './all-in-one/redis-server.ts';
import { type SupervisedProcess, supervise } from './all-in-one/supervise.ts';
import { runCommand } from './commands/commands.ts';

const API_GRACE_MS = 12_000;
/** The worker gives its trainers ten seconds. */
const WORKER_GRACE_MS = 15_000;
/** After an end out of order its api may hold the port for a moment. */
const LEAVING_MS = API_GRACE_MS;

interface Running {
  redis: KeptRedis | undefined;
  worker: SupervisedProcess;
  api: SupervisedProcess;
}

await runCommand(process.argv.slice(2), main).catch((error) => {
  console.error(messageOf(error));
  process.exit(1);
});

async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('stillhouse', config.logLevel);
  const signalled = firstSignal(logger);
  makePrivateFiles(config.dataDir);
  const lock = lockDataDir(config.dataDir);
  process.on('exit', lock.release);
  const port = await freePort(config.host, config.port, lock.wasStale ? LEAVING_MS : 0);
  const url = urlOf(config.host, port);
  const running = await start({ ...config, port }, url, logger);
  try {
    const ready = Promise.all([running.api.ready, running.worker.ready]);
    if ((await Promise.race([signalled, ready])) !== 'signal') {
      logger.info({ url, docs: `${url}/docs`, dataDir: config.dataDir }, `Stillhouse is ready: ${url}/docs`);
      await signalled;
    }
  } finally {
    await stop(running);
  }
  process.exit(0);
}

async function start(config: Config, url: string, logger: Logger): Promise<Running> {
  const redis = config.redisUrl ? undefined : await startRedis(config, logger);
  const env = {
    // The children read the same settings as this process; what it has settled is laid on top.
    // biome-ignore lint/style/noProcessEnv: handed on whole, not read.
    ...process.env,
    REDIS_URL: config.redisUrl ?? redis?.url,
    DATA_DIR: config.dataDir,
    PORT: String(config.port),
  };
  const child = (name: string, rest: Pick<Parameters<typeof supervise>[0], 'untilReady' | 'graceMs'>) =>
    supervise({ name, file: builtProgram(name), env, logger, ...rest });
  return {
    redis,
    worker: child('worker', { untilReady: untilReadyMessage, graceMs: WORKER_GRACE_MS }),
    api: child('api', {
      untilReady: (_child, signal) => untilAnswering(`${url}/health/live`, signal),
      graceMs: API_GRACE_MS + config.leaveSeconds * 1000,
    }),
  };
}

function startRedis({ dataDir }: Config, logger: Logger): Promise<KeptRedis> {
  return keepPrivateRedis({ server: findRedisServer(), dir: path.join(dataDir, 'redis'), logger });
}

/** No more requests, then no more work, then the queue. */
async function stop({ api, worker, redis }: Running): Promise<void> {
  process.on('SIGINT', () => {
    api.kill();
    worker.kill();
  });
  await api.stop();
  await worker.stop();
  await redis?.stop();
}

function firstSignal(logger: Logger): Promise<'signal'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        logger.info({ signal }, 'stopping');
        resolve('signal');
      });
    }
    // Whoever started us with a channel is gone, maybe killed: nobody would stop us.
    process.once('disconnect', () => {
      logger.info('stopping, because the process that started it is gone');
      resolve('signal');
    });
  });
}
