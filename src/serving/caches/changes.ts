import { randomUUID } from 'node:crypto';
import type { DeletionStore } from '../../store/data/contract.ts';
import type { Store } from '../../store/store.ts';

/** What caches of this process must hear of. */
export interface ChangeListener {
  /** Interactions of these users were added or deleted; null: of anybody. */
  users?(userIds: readonly string[] | null): void;
  items?(): void;
  rules?(): void;
}

/**
 * Writes of this process and, through signals, of the other ones. Only while those arrive may a cache be trusted; the
 * database is the truth otherwise.
 */
export interface Changes {
  subscribe(listener: ChangeListener): () => void;
  areHeard(): boolean;
  /** For what this process has just written: its own caches forget before the writer is answered. */
  users(userIds: readonly string[] | null): void;
  items(): void;
  rules(): void;
}

export type ChangeSignal =
  | { kind: 'histories'; users: readonly string[] | null; from?: string }
  | { kind: 'items' }
  | { kind: 'rules' };

interface HeardSignal {
  kind: string;
  users?: readonly string[] | null;
  from?: string;
}

export interface ChangeSignals {
  publish(signal: ChangeSignal): Promise<void>;
  subscribe(listener: (signal: HeardSignal) => void): () => void;
  listening(): boolean;
  onGap(listener: () => void): () => void;
}

export function createChanges(signals: ChangeSignals): Changes {
  const listeners = new Set<ChangeListener>();
  const self = randomUUID();
  /** Users of whom other processes are told next, together: posts that share a commit end in one microtask after another. */
  let unsent = new Set<string>();

  function tell(signal: HeardSignal): void {
    for (const listener of listeners) {
      if (signal.kind === 'histories') listener.users?.(signal.users ?? null);
      else if (signal.kind === 'items') listener.items?.();
      else if (signal.kind === 'rules') listener.rules?.();
    }
  }

  function announce(signal: ChangeSignal): void {
    tell(signal);
    void signals.publish(signal);
  }

  function announceUsers(users: readonly string[] | null): void {
    if (users === null) {
      announce({ kind: 'histories', users, from: self });
      return;
    }
    tell({ kind: 'histories', users });
    if (unsent.size === 0 && users.length > 0) queueMicrotask(send);
    for (const userId of users) unsent.add(userId);
  }

  function send(): void {
    void signals.publish({ kind: 'histories', users: [...unsent], from: self });
    unsent = new Set();
  }

  signals.subscribe((signal) => {
    // Its own writes are known here already, and histories that were read since are the new ones.
    if (signal.from !== self) tell(signal);
  });
  signals.onGap(() => {
    tell({ kind: 'histories', users: null });
    tell({ kind: 'items' });
    tell({ kind: 'rules' });
  });

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    areHeard: () => signals.listening(),
    users: announceUsers,
    items: () => announce({ kind: 'items' }),
    rules: () => announce({ kind: 'rules' }),
  };
}

/** The store, with every write that serving remembers anything of announced before it is answered. */
export function announceWrites<S extends Pick<Store, 'interactions' | 'catalogue'>>(
  store: S,
  changes: Pick<Changes, 'users' | 'items'>,
): S {
  const { interactions, catalogue } = store;
  return {
    ...store,
    ...('deletions' in store && { deletions: announceDeletions(store.deletions as DeletionStore, changes) }),
    interactions: {
      ...interactions,
      async add(rows) {
        const outcomes = await interactions.add(rows);
        changes.users([...new Set(rows.map(({ userId }) => userId))]);
        return outcomes;
      },
      async addBatch(batch) {
        const { users } = batch;
        try {
          return await interactions.addBatch(batch);
        } finally {
          // Where it fails, part of it may be stored.
          changes.users(users);
        }
      },
    },
    catalogue: {
      ...catalogue,
      async putItems(items) {
        await catalogue.putItems(items);
        changes.items();
      },
      async putUsers(users) {
        await catalogue.putUsers(users);
        changes.users(users.map(({ userId }) => userId));
      },
      async changeUser(userId, change) {
        const user = await catalogue.changeUser(userId, change);
        changes.users([userId]);
        return user;
      },
      async changeItem(itemId, change) {
        const item = await catalogue.changeItem(itemId, change);
        changes.items();
        return item;
      },
      async deleteItem(itemId) {
        const isDeleted = await catalogue.deleteItem(itemId);
        changes.items();
        return isDeleted;
      },
    },
  };
}

/** Deletions are rare and may touch anybody; where one ends early, part of it may have happened. */
function announceDeletions(deletions: DeletionStore, changes: Pick<Changes, 'users'>): DeletionStore {
  const announced = async <T>(users: readonly string[] | null, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      changes.users(users);
    }
  };
  return {
    ...deletions,
    user: (userId) => announced([userId], deletions.user(userId)),
    interactions: (filter) => announced(null, deletions.interactions(filter)),
    expire: (before, limit) => announced(null, deletions.expire(before, limit)),
  };
}
