import { expect, it } from 'vitest';
import type { RegisteredVersion } from '../../../src/domain/answers/model.ts';
import { createVersionCache } from '../../../src/serving/models/version-cache.ts';

function toyCache(maxBytes: number) {
  const loads: string[] = [];
  const cache = createVersionCache({
    maxBytes,
    load: async ({ artifact, version, bytes }: RegisteredVersion) => {
      loads.push(artifact);
      return { name: 'movies', version, artifact, bytes };
    },
    onUnload: () => {},
  });
  const take = async (version: number, bytes: number) =>
    cache.keep(await cache.load({ artifact: `v${version}`, version, bytes } as RegisteredVersion));
  const names = (versions: { artifact: string }[]) => versions.map(({ artifact }) => artifact).sort();
  return { cache, loads, take, names };
}

it('has a version that has retired at once, and no longer serves it meanwhile', async () => {
  const { cache, loads, take, names } = toyCache(100);
  await take(1, 40);
  await take(2, 40);
  cache.retire('v1');
  expect(names(cache.all())).toEqual(['v2']);
  expect(cache.peek('v1')).toBeUndefined();
  // What is remembered of users must be forgotten there too.
  expect(names(cache.everyone())).toEqual(['v1', 'v2']);
  await take(1, 40);
  expect(loads).toEqual(['v1', 'v2']);
  expect(names(cache.all())).toEqual(['v1', 'v2']);
  expect(names(cache.everyone())).toEqual(['v1', 'v2']);
});

it('gives the memory of what has retired to what serves, the oldest first', async () => {
  const { cache, loads, take, names } = toyCache(100);
  for (const version of [1, 2, 3]) await take(version, 30);
  cache.retire('v1');
  cache.retire('v2');
  await take(4, 30);
  expect(names(cache.everyone())).toEqual(['v2', 'v3', 'v4']);
  await take(5, 30);
  expect(names(cache.everyone())).toEqual(['v3', 'v4', 'v5']);
  await take(1, 30);
  expect(loads).toEqual(['v1', 'v2', 'v3', 'v4', 'v5', 'v1']);
});

it('forgets a version that is dropped, retired or not', async () => {
  const { cache, loads, take, names } = toyCache(100);
  await take(1, 30);
  cache.retire('v1');
  cache.drop('v1');
  cache.retire('never there');
  expect(names(cache.everyone())).toEqual([]);
  await take(1, 30);
  expect(loads).toEqual(['v1', 'v1']);
});
