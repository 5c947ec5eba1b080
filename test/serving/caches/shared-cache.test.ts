import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSharedCache, type SharedMemory } from '../../../src/serving/caches/shared-cache.ts';

function toyMemory(): SharedMemory & { there: Map<string, string>; sets: number } {
  const there = new Map<string, string>();
  return {
    there,
    sets: 0,
    async set(entries) {
      this.sets++;
      for (const [key, text] of entries) there.set(key, text);
    },
    async remove(keys) {
      for (const key of keys) there.delete(key);
    },
    get: async (key) => there.get(key) ?? null,
  };
}

describe('a shared cache', () => {
  it('has a value at once, makes it later, and shares those of one turn together', async () => {
    const shared = toyMemory();
    const cache = createSharedCache<number>({ ttlMs: 1000, maxBytes: 10_000, shared });
    let made = 0;
    cache.keep('a', () => ++made);
    cache.keep('b', () => 7);
    expect(made).toBe(0);
    expect(await cache.find('b')).toBe(7);
    await nextTurn();
    expect([...shared.there]).toEqual([
      ['a', '1'],
      ['b', '7'],
    ]);
    expect(shared.sets).toBe(1);
    expect(await cache.find('a')).toBe(1);
    expect(made).toBe(1);
    const other = createSharedCache<number>({ ttlMs: 1000, maxBytes: 10_000, shared });
    expect(await other.find('a')).toBe(1);
    expect(await other.find('c')).toBeNull();
  });

  it('forgets the oldest where there is no room, in the shared memory too, and what is too large for it', async () => {
    const shared = toyMemory();
    const cache = createSharedCache<string>({ ttlMs: 1000, maxBytes: 700, shared });
    for (const key of ['a', 'b', 'c', 'd']) {
      cache.keep(key, () => key);
      await nextTurn();
    }
    cache.keep('huge', () => 'x'.repeat(700));
    await nextTurn();
    expect([...shared.there.keys()]).toEqual(['b', 'c', 'd']);
    expect(await cache.find('a')).toBeNull();
    expect(await cache.find('huge')).toBeNull();
    expect(await cache.find('d')).toBe('d');
  });
});
