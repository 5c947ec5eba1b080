/** The entries that were asked for last, up to a total size. */
export interface Lru<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V, size?: number): void;
  delete(key: K): void;
}

export function createLru<K, V>(maxSize: number): Lru<K, V> {
  const entries = new Map<K, { value: V; size: number }>();
  let total = 0;
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key, value, size = 1) {
      total += size - (entries.get(key)?.size ?? 0);
      entries.delete(key);
      entries.set(key, { value, size });
      for (const [oldest, entry] of entries) {
        if (total <= maxSize || oldest === key) break;
        entries.delete(oldest);
        total -= entry.size;
      }
    },
    delete(key) {
      total -= entries.get(key)?.size ?? 0;
      entries.delete(key);
    },
  };
}
