import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/core/config.ts';

describe('settings', () => {
  it('have defaults that keep everything in one folder and on loopback', () => {
    const dataDir = path.resolve('./data');
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      dataDir,
      redisUrl: undefined,
      redisPrefix: undefined,
      databaseUrl: `sqlite:${dataDir}/stillhouse.db`,
      artifactsUrl: `file:${dataDir}/artifacts`,
      tensorBackend: 'auto',
      tensorMemoryMib: 512,
      workerConcurrency: 1,
      lostWorkerSeconds: 10,
      logLevel: 'info',
    });
  });

  it.each([
    [
      { REDIS_URL: 'http://queue' },
      'REDIS_URL must be an address that begins with redis://, rediss:// or unix://',
    ],
    [
      { DATABASE_URL: 'mysql://x' },
      'DATABASE_URL must be sqlite: and the absolute path of a file, or postgres:',
    ],
    [{ REDIS_PREFIX: 'a b' }, 'REDIS_PREFIX must be 1-64 letters, digits, dots, underscores and hyphens'],
  ])('that are wrong are told in words: %j', (env, words) => {
    expect(() => readConfig(env)).toThrow(words);
  });

  it('follow the environment, and take an empty variable for none', () => {
    const config = readConfig({
      PORT: '8080',
      DATA_DIR: '/srv/stillhouse',
      REDIS_URL: 'redis://queue:6379',
      LOG_LEVEL: 'debug',
      WORKER_CONCURRENCY: '',
      OTHER: 'ignored',
    });
    expect(config).toMatchObject({
      port: 8080,
      databaseUrl: 'sqlite:/srv/stillhouse/stillhouse.db',
      redisUrl: 'redis://queue:6379',
      logLevel: 'debug',
      workerConcurrency: 1,
    });
  });

  it.each([
    [{ PORT: 'abc' }, /PORT/],
    [{ PORT: '3.5' }, /PORT/],
    [{ PORT: '70000' }, /PORT/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
    [{ REDIS_URL: 'http://queue' }, /REDIS_URL/],
    [{ REDIS_PREFIX: 'two:parts' }, /REDIS_PREFIX/],
    [{ TENSOR_BACKEND: 'abacus' }, /TENSOR_BACKEND/],
    [{ WORKER_CONCURRENCY: '0' }, /WORKER_CONCURRENCY/],
    [{ LOST_WORKER_SECONDS: '0.5' }, /LOST_WORKER_SECONDS/],
    [{ PORT: 'abc', LOG_LEVEL: 'loud' }, /PORT.*LOG_LEVEL/],
  ])('that are wrong are all named: %j', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
  });
});
