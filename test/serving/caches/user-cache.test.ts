import { describe, expect, test } from 'vitest';
import { createUserCache } from '../../../src/serving/caches/user-cache.ts';

const MIB = 1 << 20;
const WIDTH = 64;
const folded = (value: number, seen: number[] = [value]) => ({
  vector: new Float32Array(WIDTH).fill(value),
  seen: Int32Array.from(seen),
});

function fill(cache: ReturnType<typeof createUserCache>, from: number, to: number, now = 0) {
  for (let user = from; user < to; user++)
    cache.put(`u${user}`, cache.expect(`u${user}`), folded(user, [user, user + 1]), now);
}

describe('the cache of folded histories', () => {
  test('gives back what was put in, to the last bit', () => {
    const cache = createUserCache(MIB, WIDTH);
    fill(cache, 0, 100);
    const found = cache.get('u42', 0)!;
    expect([...found.vector]).toEqual(Array(WIDTH).fill(42));
    expect([...found.seen]).toEqual([42, 43]);
    expect(cache.get('nobody', 0)).toBeNull();
  });

  test('never grows beyond its size: the oldest users go, the newest stay and are right', () => {
    const cache = createUserCache(3 * MIB, WIDTH);
    fill(cache, 0, 50_000);
    expect(cache.bytes()).toBe(3 * MIB);
    // 4 bytes each for 2 words of header, the vector and two rows.
    const most = (3 * MIB) / (4 * (2 + WIDTH + 2));
    expect(cache.size()).toBeLessThanOrEqual(most);
    expect(cache.size()).toBeGreaterThan(most / 2);
    expect(cache.get('u0', 0)).toBeNull();
    for (let user = 50_000 - cache.size(); user < 50_000; user++) {
      const { vector, seen } = cache.get(`u${user}`, 0)!;
      expect(vector[0]).toBe(user);
      expect(seen[1]).toBe(user + 1);
    }
    expect(cache.recent(2)).toEqual(['u49999', 'u49998']);
  });

  test('a user who was put in again survives the emptying of the older place', () => {
    const cache = createUserCache(2 * MIB, WIDTH);
    fill(cache, 0, 1);
    fill(cache, 1, 5000);
    fill(cache, 0, 1);
    fill(cache, 5000, 9000);
    expect(cache.get('u0', 0)?.seen[0]).toBe(0);
    expect(cache.get('u1', 0)).toBeNull();
  });

  test('does not keep a history that was forgotten while it was read', () => {
    const cache = createUserCache(MIB, WIDTH);
    const token = cache.expect('u');
    cache.forget(['u']);
    cache.put('u', token, folded(1), 0);
    expect(cache.get('u', 0)).toBeNull();
    const other = cache.expect('u');
    cache.forget(null);
    cache.put('u', other, folded(1), 0);
    expect(cache.get('u', 0)).toBeNull();
    expect(cache.bytes()).toBe(0);
  });

  test('a user with more than fits anywhere is not kept', () => {
    const cache = createUserCache(MIB, WIDTH);
    cache.put('u', cache.expect('u'), { ...folded(1), seen: new Int32Array(MIB) }, 0);
    expect(cache.get('u', 0)).toBeNull();
  });

  test('grows stale where weights fade, and only there', () => {
    const fading = createUserCache(MIB, WIDTH, 1000);
    const lasting = createUserCache(MIB, WIDTH);
    for (const cache of [fading, lasting]) fill(cache, 0, 1, 5000);
    expect(fading.get('u0', 5999)).not.toBeNull();
    expect(fading.get('u0', 7000)).toBeNull();
    expect(lasting.get('u0', 9e12)).not.toBeNull();
  });
});
