import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../core/logger.ts';

/** Prefix of all keys and channels of one installation, unless another one is given. */
export const DEFAULT_PREFIX = 'stillhouse';

const LONGEST_RECONNECT_PAUSE_MS = 1000;
const FAST_COMMAND_MS = 900;

/** A connection for answers that somebody waits for: a command fails at once, or within a second, when Redis is away. */
export function connectFast(redisUrl: string, logger: Logger): Redis {
  return connect(redisUrl, logger, {
    enableOfflineQueue: false,
    // An unanswered command must not be sent again by a later connection: its caller was told that it failed.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: FAST_COMMAND_MS,
  });
}

/** A connection for workers and subscribers: a command waits until Redis is back. BullMQ's workers insist on it. */
export function connectPatient(redisUrl: string, logger: Logger): Redis {
  return connect(redisUrl, logger, { maxRetriesPerRequest: null });
}

function connect(redisUrl: string, logger: Logger, options: RedisOptions): Redis {
  const common: RedisOptions = {
    connectTimeout: 5000,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RECONNECT_PAUSE_MS),
    ...options,
  };
  const socket = socketPath(redisUrl);
  const redis = socket ? new Redis({ ...common, path: socket }) : new Redis(redisUrl, common);
  reportOutages(redis, logger);
  return redis;
}

/** The path in `unix:///path/to/redis.sock`, or null for other addresses. */
function socketPath(redisUrl: string): string | null {
  return redisUrl.startsWith('unix://') ? decodeURIComponent(new URL(redisUrl).pathname) : null;
}

/** One line when Redis goes and one when it comes back, not one per attempt. Without a listener errors would throw. */
function reportOutages(redis: Redis, logger: Logger): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (away) return;
    away = true;
    logger.warn({ reason: error.message }, 'Redis is not reachable; trying again until it is');
  });
  redis.on('ready', () => {
    if (away) logger.info('Redis is reachable again');
    away = false;
  });
}
