import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { RedisClient } from './connection.ts';

/** Memory of some minutes that all processes share, and may lose. Nothing here rejects. */
export interface ShortMemory {
  set(entries: readonly (readonly [key: string, text: string])[], ttlMs: number): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** Null where there is none, or where Redis does not answer. */
  get(key: string): Promise<string | null>;
  /** Counts one more within a window that begins with the first; null where Redis does not answer. */
  count(key: string, windowMs: number): Promise<Counted | null>;
}

export interface Counted {
  current: number;
  /** Milliseconds until the window ends. */
  ttl: number;
}

/** One command for many: each has its cost in this process. */
const SET = `
for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[1]) end`;
const COUNT = `
local current = redis.call('INCR', KEYS[1])
if current == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {current, redis.call('PTTL', KEYS[1])}`;
/** Lua's stack holds some thousands of arguments. */
const AT_ONCE = 500;

export function createShortMemory(redis: RedisClient, prefix: string, logger: Logger): ShortMemory {
  const keyOf = (key: string) => `${prefix}:short:${key}`;

  async function attempt<T>(command: () => Promise<T>): Promise<T | null> {
    try {
      return await command();
    } catch (error) {
      logger.debug({ reason: messageOf(error) }, 'Redis keeps nothing for other processes now');
      return null;
    }
  }

  return {
    async set(entries, ttlMs) {
      for (let at = 0; at < entries.length; at += AT_ONCE) {
        const part = entries.slice(at, at + AT_ONCE);
        const [keys, texts] = [part.map(([key]) => keyOf(key)), part.map(([, text]) => text)];
        await attempt(() => redis.eval(SET, keys.length, ...keys, ttlMs, ...texts));
      }
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += AT_ONCE) {
        await attempt(() => redis.unlink(...keys.slice(at, at + AT_ONCE).map(keyOf)));
      }
    },
    get: (key) => attempt(() => redis.get(keyOf(key))),
    async count(key, windowMs) {
      const counted = await attempt(() => redis.eval(COUNT, 1, keyOf(key), windowMs));
      if (counted === null) return null;
      const [current, ttl] = counted as [number, number];
      return { current, ttl };
    },
  };
}
