import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { PartQueue } from '../../jobs/part-queue.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { JobParts } from '../queue/training-work.ts';

interface OfferDeps {
  queue: Pick<PartQueue, 'addBulk' | 'remove'>;
  locks: RunLocks;
  /** How long a lock lasts that nobody renews. */
  lockMs: number;
  /** Estimated seconds from which a part is offered. */
  fromSeconds: number;
  /** Number of other workers that take trainings. */
  others(): Promise<number>;
  logger: Logger;
}

/** Name of a part among the locks of runs. */
export const lockOf = (part: string): string => `part:${part}`;

/** Keeps a lock until it is let go. */
export function keepLock(locks: RunLocks, key: string, token: string, lockMs: number): () => Promise<void> {
  const timer = setInterval(() => void locks.refresh(key, token).catch(() => {}), lockMs / 3);
  return async () => {
    clearInterval(timer);
    await locks.release(key, token).catch(() => {});
  };
}

/**
 * Opens the desk of a job whose trainer may share its parts with other workers. Where Redis cannot say who has a part, it is ours: at
 * worst two trainers make the same.
 */
export function createPartOffers({ queue, locks, lockMs, fromSeconds, others, logger }: OfferDeps) {
  return async (jobId: string): Promise<JobParts | null> => {
    const helpers = await others().catch(() => 0);
    if (helpers === 0) return null;
    const token = randomUUID();
    const held = new Map<string, () => Promise<void>>();
    let offered: readonly string[] = [];

    async function claim(part: string): Promise<boolean> {
      const isOurs = await locks.acquire(lockOf(part), token).catch(() => true);
      if (isOurs && !held.has(part)) held.set(part, keepLock(locks, lockOf(part), token, lockMs));
      return isOurs;
    }
    async function release(part: string): Promise<void> {
      await held.get(part)?.();
      held.delete(part);
    }
    async function offer(parts: readonly string[]): Promise<void> {
      offered = parts;
      logger.info({ jobId, parts: parts.length, helpers }, 'other workers may take parts of this job');
      const entries = parts.map((part) => ({ name: 'part', data: { jobId, part }, opts: { jobId: part } }));
      await queue
        .addBulk(entries)
        .catch((error) => logger.debug({ reason: messageOf(error) }, 'parts could not be offered'));
    }
    return {
      fromSeconds,
      onPart(message, answer) {
        if (message.kind === 'offer-parts') void offer(message.parts);
        else if (message.kind === 'release-part') void release(message.part);
        else {
          const { part } = message;
          void claim(part).then((isOurs) => answer({ kind: 'part', part, isOurs }));
        }
      },
      async end() {
        for (const part of [...held.keys()]) await release(part);
        // What nobody has taken is of no use any more.
        await Promise.all(offered.map((part) => queue.remove(part).catch(() => 0)));
      },
    };
  };
}
