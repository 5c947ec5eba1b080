import { beforeEach, describe, expect, test } from 'vitest';
import type { RegisteredVersion } from '../../../src/domain/answers/model.ts';
import type { LiveVersion } from '../../../src/serving/models/live-version.ts';
import { createVersionCache, type VersionCache } from '../../../src/serving/models/version-cache.ts';

let loads: string[];
let unloaded: string[];
let cache: VersionCache<LiveVersion>;
let refuse: Error | null;

const version = (artifact: string, bytes = 40): LiveVersion => ({
  name: 'movies',
  version: 1,
  artifact,
  bytes,
});
const registered = (artifact: string) => ({ artifact }) as RegisteredVersion;
const kept = () =>
  cache
    .all()
    .map(({ artifact }) => artifact)
    .sort();

beforeEach(() => {
  loads = [];
  unloaded = [];
  refuse = null;
  cache = createVersionCache({
    maxBytes: 100,
    async load({ artifact }) {
      loads.push(artifact);
      await Promise.resolve();
      if (refuse) throw refuse;
      return version(artifact);
    },
    onUnload: ({ artifact }) => unloaded.push(artifact),
  });
});

describe('memory', () => {
  test('what was asked for least recently is unloaded first; looking without asking does not count', () => {
    cache.keep(version('a'));
    cache.keep(version('b'));
    cache.peek('a');
    cache.keep(version('c'));
    expect([kept(), unloaded]).toEqual([['b', 'c'], ['a']]);
    cache.get('b');
    cache.keep(version('d'));
    expect([kept(), unloaded]).toEqual([
      ['b', 'd'],
      ['a', 'c'],
    ]);
  });

  test('what is larger than all of it stays while it is the last, alone', () => {
    cache.keep(version('a'));
    cache.keep(version('huge', 1000));
    expect(kept()).toEqual(['huge']);
    cache.keep(version('b'));
    expect([kept(), unloaded]).toEqual([['b'], ['a', 'huge']]);
  });

  test('the same artifact once more takes the place of the first, and its size counts once', () => {
    cache.keep(version('a'));
    cache.keep(version('b'));
    const again = cache.keep(version('a', 60));
    expect(cache.peek('a')).toBe(again);
    expect([kept(), unloaded]).toEqual([['a', 'b'], []]);
  });

  test('what is dropped makes room without being reported as unloaded', () => {
    cache.keep(version('a'));
    cache.keep(version('b'));
    cache.drop('a');
    cache.keep(version('c'));
    expect([kept(), unloaded]).toEqual([['b', 'c'], []]);
  });
});

describe('loading', () => {
  test('is done once for all who ask meanwhile, and keeps nothing by itself', async () => {
    const [one, other] = await Promise.all([cache.load(registered('a')), cache.load(registered('a'))]);
    expect(one).toBe(other);
    expect([loads, kept()]).toEqual([['a'], []]);
  });

  test('that failed is tried again by who asks next', async () => {
    refuse = new Error('the folder is not mounted');
    await expect(cache.load(registered('a'))).rejects.toThrow('not mounted');
    refuse = null;
    expect(await cache.load(registered('a'))).toMatchObject({ artifact: 'a' });
    expect(loads).toEqual(['a', 'a']);
  });
});
