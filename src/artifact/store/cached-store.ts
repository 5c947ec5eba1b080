import { AppError, messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { FileCache } from './file-cache.ts';
import { checkKey } from './key.ts';
import { notFound } from './not-found.ts';
import type { S3Store } from './s3-store.ts';
import type { ArtifactStore } from './store.ts';

/** Time that the store has to begin its answer to whoever has a copy. */
const PATIENCE_MS = 2_000;
/** Time for which a store that did not answer is not asked again about blobs of which there are copies. */
const AWAY_MS = 5_000;

/**
 * A store whose blobs are copied to the disk when somebody gets them. The store is asked each time whether the copy is still what
 * it has, which costs one small request; while it is away the copy is the answer. A cache that fails makes nothing else fail.
 */
export function createCachedStore(
  store: S3Store,
  cache: FileCache,
  logger?: Pick<Logger, 'warn' | 'info'>,
): ArtifactStore {
  let awayUntil = 0;
  const isAway = () => performance.now() < awayUntil;

  async function trying<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      logger?.warn({ reason: messageOf(error) }, `the cache of artifacts cannot be ${what}`);
      return undefined;
    }
  }

  /** Remembers whether the store answers, and says once that it is away, and that it is back. */
  function note(reason: string | null): void {
    if (reason === null && awayUntil > 0) logger?.info('the artifact store answers again');
    if (reason !== null && awayUntil === 0)
      logger?.warn(
        { reason },
        'the artifact store is away; copies on this disk are used where there are some',
      );
    awayUntil = reason === null ? 0 : performance.now() + AWAY_MS;
  }

  async function fetch(key: string, unless?: string): Promise<Buffer | null> {
    const found = await store.read(key, unless === undefined ? {} : { unless, patienceMs: PATIENCE_MS });
    note(null);
    if (found) await trying('written', () => cache.write(key, found));
    return found ? found.bytes : null;
  }

  return {
    ...store,

    async get(key) {
      checkKey(key);
      const copy = await trying('read', () => cache.read(key));
      if (copy && isAway()) return copy.bytes;
      try {
        const bytes = await fetch(key, copy?.tag);
        if (bytes) return bytes;
        if (copy) return copy.bytes;
        throw notFound(key);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.code === 'not-found' && copy) await trying('written', () => cache.drop(key));
        if (!copy || error.code !== 'store-unavailable') throw error;
        note(error.detail);
        return copy.bytes;
      }
    },
  };
}
