import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { type RedisAddress, redisAddressOf } from './redis-address.ts';

/** A connection to one server, to whichever a Sentinel names, or to a cluster. */
export type RedisClient = Redis | Cluster;

/** Prefix of all keys and channels of one installation, unless another one is given. */
export const DEFAULT_PREFIX = 'stillhouse';

const LONGEST_RECONNECT_PAUSE_MS = 1000;
const FAST_COMMAND_MS = 900;

/** A connection for answers that somebody waits for: a command fails at once, or within a second, when Redis is away. */
export function connectFast(redisUrl: string, logger: Logger): RedisClient {
  return connect(redisUrl, logger, {
    enableOfflineQueue: false,
    // An unanswered command must not be sent again by a later connection: its caller was told that it failed.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: FAST_COMMAND_MS,
  });
}

/** A connection for workers and subscribers: a command waits until Redis is back. BullMQ's workers insist on it. */
export function connectPatient(redisUrl: string, logger: Logger): RedisClient {
  return connect(redisUrl, logger, { maxRetriesPerRequest: null });
}

function connect(redisUrl: string, logger: Logger, options: RedisOptions): RedisClient {
  const common: RedisOptions = {
    connectTimeout: 5000,
    retryStrategy: pauseBefore,
    ...options,
  };
  const redis = open(redisAddressOf(redisUrl), common);
  reportOutages(redis, logger);
  return redis;
}

const pauseBefore = (attempt: number) => Math.min(attempt * 100, LONGEST_RECONNECT_PAUSE_MS);

function open(address: RedisAddress, common: RedisOptions): RedisClient {
  if (address.kind === 'socket') return new Redis({ ...common, path: address.path });
  if (address.kind === 'server') return new Redis(address.url, common);
  const { username, password, tls, hosts } = address;
  const login: RedisOptions = {
    ...common,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
  };
  if (address.kind === 'cluster') return openCluster(hosts, login);
  const { master, sentinelUsername, sentinelPassword } = address;
  return new Redis({
    ...login,
    sentinels: hosts,
    name: master,
    sentinelRetryStrategy: pauseBefore,
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
  });
}

function openCluster(hosts: { host: string; port: number }[], login: RedisOptions): Cluster {
  const { enableOfflineQueue = true, retryStrategy: _own, ...redisOptions } = login;
  return new Cluster(hosts, {
    enableOfflineQueue,
    clusterRetryStrategy: pauseBefore,
    // Certificates name hosts, which a lookup would turn into addresses.
    ...(login.tls && {
      dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host),
    }),
    redisOptions,
  });
}

/** One line when Redis goes and one when it comes back, not one per attempt. Without a listener errors would throw. */
function reportOutages(redis: RedisClient, logger: Logger): void {
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
