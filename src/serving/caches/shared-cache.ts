import { LRUCache } from 'lru-cache';

/** Memory that all api processes share, such as Redis. No method rejects: what is lost there is only forgotten. */
export interface SharedMemory {
  set(entries: readonly (readonly [key: string, text: string])[], ttlMs: number): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** Null where there is none, or where the memory does not answer. */
  get(key: string): Promise<string | null>;
}

/** Values that live for some minutes, in this process and in the shared memory. */
export interface SharedCache<T> {
  /** @param make called in the next turn of the event loop, so that no answer waits for it */
  keep(key: string, make: () => T): void;
  find(key: string): Promise<T | null>;
}

export interface SharedCacheOptions {
  ttlMs: number;
  /** Each process keeps so much, here and in the shared memory; the oldest goes first. */
  maxBytes: number;
  /** Without one, this process alone knows the values. */
  shared?: SharedMemory | null;
}

/** The map and the key, beside the text. */
const ENTRY_BYTES = 200;

export function createSharedCache<T>({ ttlMs, maxBytes, shared = null }: SharedCacheOptions): SharedCache<T> {
  let pending = new Map<string, () => T>();
  /** Pushed out of the memory here, and to be taken out of the shared one. */
  let evicted: string[] = [];
  const kept = new LRUCache<string, string>({
    maxSize: maxBytes,
    ttl: ttlMs,
    sizeCalculation: (text) => text.length + ENTRY_BYTES,
    // What expires does so there by itself.
    dispose: (_text, key, reason) => {
      if (reason === 'evict') evicted.push(key);
    },
  });

  function write(): void {
    const entries = [...pending].map(([key, make]) => [key, JSON.stringify(make())] as const);
    pending = new Map();
    for (const [key, text] of entries) kept.set(key, text);
    const gone = evicted;
    evicted = [];
    // One that does not fit here at all is kept nowhere.
    const fitting = entries.filter(([key]) => kept.has(key));
    if (fitting.length > 0) void shared?.set(fitting, ttlMs);
    if (gone.length > 0) void shared?.remove(gone);
  }

  return {
    keep(key, make) {
      if (pending.size === 0) setImmediate(write);
      pending.set(key, make);
    },
    async find(key) {
      const waiting = pending.get(key);
      if (waiting) return waiting();
      const text = kept.get(key) ?? (await shared?.get(key)) ?? null;
      return text === null ? null : (JSON.parse(text) as T);
    },
  };
}
