import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { startPrivateRedis } from './private-redis.ts';

export interface KeptRedis {
  url: string;
  stop(): Promise<void>;
}

const PAUSE_MS = 500;

/** The private Redis, started again on the same data whenever it ends. Its clients connect again by themselves. */
export async function keepPrivateRedis(options: {
  server: string;
  dir: string;
  logger: Logger;
}): Promise<KeptRedis> {
  const { logger } = options;
  let redis = await startPrivateRedis(options);
  let isStopping = false;

  async function watch(): Promise<void> {
    for (;;) {
      await redis.exited;
      if (isStopping) return;
      logger.error('Redis ended unexpectedly; starting it again');
      await sleep(PAUSE_MS);
      if (isStopping) return;
      redis = await startPrivateRedis(options).catch((error) => {
        logger.error({ reason: messageOf(error) }, 'Redis does not start; trying again');
        return redis;
      });
      if (isStopping) return redis.stop();
    }
  }

  const watching = watch();
  return {
    url: redis.url,
    async stop() {
      isStopping = true;
      await redis.stop();
      await watching;
    },
  };
}
