import type { Changes } from '../caches/changes.ts';

/** Something small of the database that every request needs: read again when it changes, and once a second at most otherwise. */
export interface TrustedRead<T> {
  get(): Promise<T>;
  /** As it was read last, where no question to the database is due; undefined where one is. */
  peek(): T | undefined;
}

const TRUSTED_MS = 1000;

/** @param changes announces writes as those of rules; without it the database is asked each time */
export function createTrustedRead<T>(
  read: () => Promise<T>,
  changes?: Pick<Changes, 'subscribe' | 'areHeard'>,
): TrustedRead<T> {
  let loaded: { value: T; until: number } | null = null;
  let writes = 0;
  changes?.subscribe({
    rules() {
      writes++;
      loaded = null;
    },
  });
  const peek = () =>
    loaded && changes?.areHeard() && performance.now() < loaded.until ? loaded.value : undefined;
  return {
    peek,
    async get() {
      const known = peek();
      if (known !== undefined) return known;
      const before = writes;
      const asked = performance.now();
      const value = await read();
      if (writes === before) loaded = { value, until: asked + TRUSTED_MS };
      return value;
    },
  };
}
