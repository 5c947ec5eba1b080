import { expect, it } from 'vitest';
import { readConfig } from '../../src/core/config.ts';
import { keyPrefix, redisAddressOf } from '../../src/jobs/redis-address.ts';

it.each([
  ['redis://host:6379/2', { kind: 'server', url: 'redis://host:6379/2' }],
  ['rediss://me:pass@host', { kind: 'server', url: 'rediss://me:pass@host' }],
  ['unix:///tmp/with%20space.sock', { kind: 'socket', path: '/tmp/with space.sock' }],
  [
    'redis+sentinel://me:p%40ss@one,two:26380,[::1]:7/the-master?sentinelPassword=x%2Fy',
    {
      kind: 'sentinel',
      master: 'the-master',
      tls: false,
      username: 'me',
      password: 'p@ss',
      sentinelPassword: 'x/y',
      hosts: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: '::1', port: 7 },
      ],
    },
  ],
  [
    'rediss+cluster://:secret@one:7000,two',
    {
      kind: 'cluster',
      tls: true,
      password: 'secret',
      hosts: [
        { host: 'one', port: 7000 },
        { host: 'two', port: 6379 },
      ],
    },
  ],
])('%s is read', (url, address) => {
  expect(redisAddressOf(url)).toEqual(address);
  expect(readConfig({ REDIS_URL: url }).redisUrl).toBe(url);
});

it.each([
  'redis+sentinel://host:26379',
  'redis+sentinel://host/',
  'redis+cluster://host/0',
  'http://host',
  'redis+other://host',
])('REDIS_URL=%s is refused with what would be right', (url) => {
  expect(() => readConfig({ REDIS_URL: url })).toThrow(
    /REDIS_URL must be an address .* redis\+sentinel:\/\/host:port,host:port\/master, or redis\+cluster/,
  );
});

it('keeps the keys of an installation together in a cluster alone', () => {
  expect(keyPrefix('redis+cluster://host', 'still')).toBe('{still}');
  expect(keyPrefix('redis+sentinel://host/one', 'still')).toBe('still');
  expect(keyPrefix('redis://host', 'still')).toBe('still');
});
