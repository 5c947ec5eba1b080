import { randomUUID } from 'node:crypto';

/** The changes that a cache of this process must hear of. */
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
  /** Announces what this process has just written: its own caches forget before the writer is answered. */
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
