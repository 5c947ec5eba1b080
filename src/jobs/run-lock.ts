import type { RedisClient } from './connection.ts';

/**
 * Who is running a job now. BullMQ's own lock does not survive a wiped or restarted Redis, although the run that
 * it stood for goes on; this one is taken up again by its holder. Where Redis cannot help (it is away), the number
 * of attempts in SQL tells a holder that somebody else has taken over.
 */
export interface RunLocks {
  /** False when another run holds the job. */
  acquire(jobId: string, token: string): Promise<boolean>;
  /** Keeps the lock, or takes it up again when Redis lost it. False when another run holds the job. */
  refresh(jobId: string, token: string): Promise<boolean>;
  release(jobId: string, token: string): Promise<void>;
  isHeld(jobId: string): Promise<boolean>;
}

const REFRESH = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** @param lockMs a holder that was killed is missed after this long */
export function createRunLocks(redis: RedisClient, prefix: string, lockMs: number): RunLocks {
  const key = (jobId: string) => `${prefix}:run:${jobId}`;
  return {
    acquire: async (jobId, token) => (await redis.set(key(jobId), token, 'PX', lockMs, 'NX')) === 'OK',
    refresh: async (jobId, token) => (await redis.eval(REFRESH, 1, key(jobId), token, lockMs)) === 1,
    async release(jobId, token) {
      await redis.eval(RELEASE, 1, key(jobId), token);
    },
    isHeld: async (jobId) => (await redis.exists(key(jobId))) === 1,
  };
}
