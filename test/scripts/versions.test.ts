import { expect, test } from 'vitest';
import { isAtLeast, requireNode } from '../../scripts/setup/prerequisites.mjs';
import { parseServerVersion } from '../../scripts/setup/redis.mjs';

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=c3f8', '7.0.15'],
  ['Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64 build=5a12', '6.2.14'],
  ['Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=9d', '8.0.1'],
  ['', undefined],
])('reads the version out of "%s"', (text, version) => {
  expect(parseServerVersion(text)).toBe(version);
});

test.each([
  ['6.2.14', true],
  ['10.0.0', true],
  ['6.10', true],
  ['6.0.16', false],
  ['5.9.9', false],
])('%s is at least 6.2: %s', (version, expected) => {
  expect(isAtLeast(version, [6, 2])).toBe(expected);
});

test('an old Node is named with what is needed', () => {
  expect(() => requireNode('20.18.3')).toThrow('Node 20.19 or newer is needed; this is Node 20.18.3.');
});
