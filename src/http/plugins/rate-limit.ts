import rateLimit from '@fastify/rate-limit';
import { LRUCache } from 'lru-cache';
import { problem } from '../../core/errors.ts';
import type { Counted, ShortMemory } from '../../jobs/short-memory.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../caller.ts';
import type { Limits } from '../limits.ts';

const MINUTE_MS = 60_000;
const MOST_CALLERS = 50_000;

/** Counts within windows of one minute. */
export type Count = (key: string) => Counted;

/** Counts in this process alone; the least recently seen callers are forgotten first. */
export function createLocalCount(now: () => number): Count {
  const windows = new LRUCache<string, { current: number; until: number }>({ max: MOST_CALLERS });
  return (key) => {
    const known = windows.get(key);
    const window = known && known.until > now() ? known : { current: 0, until: now() + MINUTE_MS };
    window.current++;
    windows.set(key, window);
    return { current: window.current, ttl: window.until - now() };
  };
}

/**
 * Answers 429 to callers with more requests per minute than they may have. Counted in Redis for all processes, and here
 * while Redis does not answer: a limit that fails closed would take the service down with it.
 */
export function installRateLimit(
  app: App,
  { ratePerMinute }: Limits,
  { shared, now }: { shared: Pick<ShortMemory, 'count'> | null | undefined; now: () => number },
): void {
  if (ratePerMinute === undefined) return;
  const count = createLocalCount(now);

  class Store {
    incr(key: string, done: (error: Error | null, counted?: Counted) => void): void {
      const counting = shared ? shared.count(`rate:${key}`, MINUTE_MS) : Promise.resolve(null);
      counting.then((counted) => done(null, counted ?? count(key)), done);
    }
    child(): Store {
      return this;
    }
  }

  app.register(rateLimit, {
    max: ratePerMinute,
    timeWindow: MINUTE_MS,
    enableDraftSpec: true,
    store: Store,
    keyGenerator: callerOf,
    allowList: (request) => request.routeOptions.config?.quiet === true,
    errorResponseBuilder: (request, { ttl }) =>
      problem(
        'rate-limited',
        `${capital(callerOf(request))} may send ${ratePerMinute} requests per minute (RATE_LIMIT_PER_MINUTE); try again in ${Math.ceil(ttl / 1000)} seconds.`,
      ),
  });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
