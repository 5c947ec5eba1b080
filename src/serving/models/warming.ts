import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { type AnyLive, isOfKind, type Kind, type Loaders } from './kinds.ts';

/** Gets versions ready that are about to be live. */
export interface Warming {
  /** Never rejects: a version that could not be warmed is only slower at first. */
  warm(next: AnyLive, former: AnyLive): Promise<void>;
  /** Drops these users from versions that are being warmed, which are in no cache yet. */
  forgetUsers(userIds: readonly string[] | null): void;
}

export function createWarming(loaders: Loaders, logger: Logger): Warming {
  const running = new Set<AnyLive>();

  async function warmAs<K extends Kind>(kind: K, next: AnyLive, former: AnyLive): Promise<void> {
    if (isOfKind(next, kind) && isOfKind(former, kind)) await loaders[kind].warm?.(next, former);
  }

  return {
    async warm(next, former) {
      running.add(next);
      try {
        await warmAs(next.kind, next, former);
      } catch (error) {
        logger.warn({ model: next.name, reason: messageOf(error) }, 'the new version is not warmed');
      } finally {
        running.delete(next);
      }
    },

    forgetUsers(userIds) {
      for (const version of running) version.forgetUsers?.(userIds);
    },
  };
}
