import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { ModelStore } from '../../store/registry/contract.ts';
import type { AnyLive } from './kinds.ts';
import type { Slot } from './slots.ts';
import type { VersionCache } from './version-cache.ts';

export interface StandInDeps {
  cache: VersionCache<AnyLive>;
  registry: Pick<ModelStore, 'before'>;
  /** The alias whose history says which versions were live before. */
  alias: string;
  logger: Logger;
}

/**
 * Lets the newest sound version that the alias had before answer for one that cannot be loaded, where nothing else answers for the
 * model. Never rejects: with none of them popularity answers.
 */
export async function standIn(
  { cache, registry, alias, logger }: StandInDeps,
  slot: Slot,
): Promise<AnyLive | null> {
  const { model, version: wanted } = slot.registered;
  const unsound = new Map<number, string>();
  slot.unsound = unsound;
  try {
    for (const former of await registry.before(model, alias)) {
      try {
        const loaded = await cache.load(former);
        // The wanted one, or a newer one, may have come meanwhile.
        if (slot.live) return cache.get(slot.live.artifact) ?? loaded;
        slot.kind = loaded.kind;
        slot.live = former;
        logger.warn(
          { model, wanted, version: former.version },
          'an earlier version stands in for the live one',
        );
        return cache.keep(loaded);
      } catch (error) {
        const reason = messageOf(error);
        unsound.set(former.version, reason);
        logger.warn({ model, version: former.version, reason }, 'an earlier version cannot be loaded either');
      }
    }
  } catch (error) {
    logger.warn({ model, reason: messageOf(error) }, 'the history of the alias cannot be read');
  }
  return null;
}
