import { installedFrom } from '../../domain/data/installed.ts';
import { type Installed, usuallyMeant } from '../../domain/data/weighting.ts';
import type { EventTypeStore } from '../../store/data/contract.ts';
import type { Changes } from '../caches/changes.ts';

/** Meanings of types of interactions by the installation's declarations. */
export interface InstalledEvents {
  /** As it is now: from memory while changes are heard of, from the database otherwise. */
  get(): Promise<Installed>;
  /** As it was when it was last read; the usual meanings before that. The same function until something changes. */
  peek(): Installed;
  /** True if `peek` answers as `get` would. */
  isCurrent(): boolean;
}

/** Where nothing is declared. */
export const USUAL_EVENTS: InstalledEvents = {
  get: async () => usuallyMeant,
  peek: () => usuallyMeant,
  isCurrent: () => true,
};

export function createInstalledEvents(
  store: Pick<EventTypeStore, 'list'>,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
): InstalledEvents {
  let read: Promise<Installed> | undefined;
  let isRead = false;
  let [started, applied] = [0, 0];
  let latest: Installed = usuallyMeant;
  let text = '[]';
  // A change of declarations is announced as a change of everybody's history.
  changes?.subscribe({
    users: (ids) => {
      if (ids !== null) return;
      read = undefined;
      isRead = false;
      // Those who may not wait peek.
      get().catch(() => {});
    },
  });

  async function readAgain(): Promise<Installed> {
    const own = ++started;
    const declared = await store.list();
    // One that began later knows more.
    if (own < applied) return latest;
    applied = own;
    const now = JSON.stringify(declared.map(({ type, meaning }) => [type, meaning]));
    if (now !== text) {
      text = now;
      latest = installedFrom(declared);
    }
    return latest;
  }

  function get(): Promise<Installed> {
    if (!changes?.areHeard()) return readAgain();
    if (read) return read;
    const mine = readAgain();
    read = mine;
    mine.then(
      () => {
        if (read === mine) isRead = true;
      },
      () => {
        if (read === mine) read = undefined;
      },
    );
    return mine;
  }

  return {
    get,
    peek: () => latest,
    isCurrent: () => isRead && changes?.areHeard() === true,
  };
}
