import { LRUCache } from 'lru-cache';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { LiveVersion } from './live-version.ts';

/** Loaded versions by their artifacts, as many as fit the memory: those that were asked for least recently go first. */
export interface VersionCache<V> {
  /** Counts as being asked for. */
  get(artifact: string): V | undefined;
  peek(artifact: string): V | undefined;
  /** Loads a version aside, once for all who ask meanwhile. It is in the cache from `keep` on. */
  load(registered: RegisteredVersion): Promise<V>;
  /** Takes it in, in place of what is kept of its artifact. The one kept last stays whatever its size. */
  keep(version: V): V;
  /** Whoever still holds a version that is dropped or unloaded keeps it until done. */
  drop(artifact: string): void;
  all(): V[];
}

export function createVersionCache<V extends LiveVersion>(options: {
  maxBytes: number;
  load: (registered: RegisteredVersion) => Promise<V>;
  onUnload: (version: V) => void;
}): VersionCache<V> {
  const maxSize = Math.max(1, Math.floor(options.maxBytes));
  const loading = new Map<string, Promise<V>>();
  const kept = new LRUCache<string, V>({
    maxSize,
    // What is larger than all of the room takes all of it; the cache would turn it away otherwise.
    sizeCalculation: ({ bytes }) => Math.max(1, Math.min(Math.ceil(bytes), maxSize)),
    dispose: (version, _artifact, reason) => {
      if (reason === 'evict') options.onUnload(version);
    },
  });
  return {
    get: (artifact) => kept.get(artifact),
    peek: (artifact) => kept.peek(artifact),

    load(registered) {
      const { artifact } = registered;
      const running = loading.get(artifact);
      if (running) return running;
      const started = options.load(registered).finally(() => loading.delete(artifact));
      loading.set(artifact, started);
      return started;
    },

    keep(version) {
      kept.set(version.artifact, version);
      return version;
    },

    drop: (artifact) => void kept.delete(artifact),
    all: () => [...kept.values()],
  };
}
