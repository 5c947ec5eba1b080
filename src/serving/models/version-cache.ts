import { LRUCache } from 'lru-cache';
import type { RegisteredVersion } from '../../domain/answers/model.ts';
import type { LiveVersion } from './live-version.ts';

/** Loaded versions by their artifacts, as many as fit the memory: those that were asked for least recently go first. */
export interface VersionCache<V> {
  /** Counts as being asked for. */
  get(artifact: string): V | undefined;
  peek(artifact: string): V | undefined;
  /** Loads a version aside, once for all who ask meanwhile; one that has retired a moment ago is there at once. It is in the cache from `keep` on. */
  load(registered: RegisteredVersion): Promise<V>;
  /** Takes it in, in place of what is kept of its artifact. The one kept last stays whatever its size. */
  keep(version: V): V;
  /** Takes a version out of service, and keeps it for some minutes where there is room that nobody else needs: a rollback has it at once. */
  retire(artifact: string): void;
  /** Whoever still holds a version that is dropped or unloaded keeps it until done. */
  drop(artifact: string): void;
  all(): V[];
  /** Those that have retired too. */
  everyone(): V[];
}

const RETIRED_MS = 10 * 60_000;

export function createVersionCache<V extends LiveVersion>(options: {
  maxBytes: number;
  load: (registered: RegisteredVersion) => Promise<V>;
  onUnload: (version: V) => void;
}): VersionCache<V> {
  const maxSize = Math.max(1, Math.floor(options.maxBytes));
  const loading = new Map<string, Promise<V>>();
  const kept = new LRUCache<string, V>({
    maxSize,
    sizeCalculation: sizeIn(maxSize),
    dispose: (version, _artifact, reason) => {
      if (reason === 'evict') options.onUnload(version);
    },
  });
  // They may take the memory that is left, and give it back as soon as a version in service needs it.
  const retired = new LRUCache<string, V>({
    maxSize,
    sizeCalculation: sizeIn(maxSize),
    ttl: RETIRED_MS,
    ttlAutopurge: true,
  });
  const makeRoom = () => {
    while (retired.size > 0 && kept.calculatedSize + retired.calculatedSize > maxSize) retired.pop();
  };
  return {
    get: (artifact) => kept.get(artifact),
    peek: (artifact) => kept.peek(artifact),

    load(registered) {
      const { artifact } = registered;
      const before = retired.peek(artifact);
      if (before) return Promise.resolve(before);
      const running = loading.get(artifact);
      if (running) return running;
      const started = options.load(registered).finally(() => loading.delete(artifact));
      loading.set(artifact, started);
      return started;
    },

    keep(version) {
      retired.delete(version.artifact);
      kept.set(version.artifact, version);
      makeRoom();
      return version;
    },

    retire(artifact) {
      const version = kept.peek(artifact);
      kept.delete(artifact);
      if (version) retired.set(artifact, version);
      makeRoom();
    },

    drop(artifact) {
      kept.delete(artifact);
      retired.delete(artifact);
    },

    all: () => [...kept.values()],
    everyone: () => [...kept.values(), ...retired.values()],
  };
}

/** Sizes of versions: one that is larger than all of the room takes all of it, and would be turned away otherwise. */
const sizeIn =
  (maxSize: number) =>
  ({ bytes }: LiveVersion) =>
    Math.max(1, Math.min(Math.ceil(bytes), maxSize));
