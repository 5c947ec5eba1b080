import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { FileCache } from './file-cache.ts';
import { checkKey } from './key.ts';
import { notFound } from './not-found.ts';
import type { S3Store } from './s3-store.ts';
import type { ArtifactStore } from './store.ts';

/** Time that the store has to begin its answer to whoever has a copy. */
const PATIENCE_MS = 2_000;
/**
 * Time for which a store that did not answer, though it was asked several times, is not asked again: whoever starts meanwhile
 * would wait for each blob.
 */
const AWAY_MS = 5_000;

/**
 * A store whose blobs are copied to the disk when somebody gets them. The store is asked each time whether the copy is still what
 * it has, which costs one small request; while it is away the copy is the answer. A cache that fails makes nothing else fail.
 */
export function createCachedStore(
  store: S3Store,
  cache: FileCache,
  logger?: Pick<Logger, 'warn' | 'info'>,
  { patienceMs = PATIENCE_MS, awayMs = AWAY_MS } = {},
): ArtifactStore {
  let awayUntil = 0;
  let absence: AppError | undefined;

  async function trying<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      logger?.warn({ reason: messageOf(error) }, `the cache of artifacts cannot be ${what}`);
      return undefined;
    }
  }

  /** Remembers whether the store answers, and says once that it is away, and that it is back. */
  function note(failure: AppError | undefined): void {
    if (!failure && absence) logger?.info('the artifact store answers again');
    if (failure && !absence)
      logger?.warn(
        { reason: failure.detail },
        'the artifact store is away; copies on this disk are used where there are some',
      );
    absence = failure;
    awayUntil = performance.now() + awayMs;
  }

  async function fetch(key: string, unless?: string): Promise<Buffer | null> {
    const found = await store.read(key, unless === undefined ? {} : { unless, patienceMs });
    note(undefined);
    if (found) await trying('written', () => cache.write(key, found));
    return found ? found.bytes : null;
  }

  return {
    ...store,

    async get(key) {
      checkKey(key);
      const copy = await trying('read', () => cache.read(key));
      if (absence && performance.now() < awayUntil) {
        if (copy) return copy.bytes;
        throw problem('store-unavailable', absence.detail);
      }
      try {
        const bytes = await fetch(key, copy?.tag);
        if (bytes) return bytes;
        if (copy) return copy.bytes;
        throw notFound(key);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const isAway = error.code === 'store-unavailable';
        if (!error.extra.damaged) note(isAway ? error : undefined);
        if (error.code === 'not-found' && copy) await trying('written', () => cache.drop(key));
        if (!copy || !isAway) throw error;
        return copy.bytes;
      }
    },
  };
}
