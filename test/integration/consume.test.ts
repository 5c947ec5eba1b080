import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findKafka } from '../../scripts/setup/kafka.mjs';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import type { Store } from '../../src/store/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { NO_KAFKA, startTestKafka, type TestKafka } from '../helpers/kafka.ts';
import { startTestPostgres } from '../helpers/postgres.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { findFreePort } from '../helpers/service.ts';
import { openStore, temporaryFolder } from '../helpers/store.ts';

const PROGRAM = path.resolve('dist/bin/stillhouse.js');
const PARTITIONS = 4;
let kafka: TestKafka;
let redis: TestRedis;

/** Has neither a time nor an event id: stored twice it would be there twice. */
const message = (n: number) => JSON.stringify({ userId: `u${n % 40}`, itemId: `i${n}`, type: 'click' });
const messages = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => message(from + n));

describe.runIf(findKafka())('a topic of Kafka', () => {
  beforeAll(async () => {
    [kafka, redis] = await Promise.all([startTestKafka(), startTestRedis()]);
  });
  afterAll(async () => {
    await Promise.all([kafka?.close(), redis?.close()]);
  });

  /** An installation, and processes of consumers that store into it. */
  async function setUp(place?: string) {
    const folder = await temporaryFolder();
    const file = path.join(folder, 'stillhouse.db');
    const store = await openStore(place ?? file);
    const env = {
      ...{ PATH: process.env.PATH, DATA_DIR: folder, REDIS_URL: redis.url, LOG_LEVEL: 'info' },
      ...{ DATABASE_URL: place ?? `sqlite:${file}`, KAFKA_BROKERS: kafka.broker, KAFKA_SESSION_SECONDS: '2' },
    };
    const start = async (topic: string, ...more: string[]) => {
      const port = await findFreePort();
      const child = spawn(process.execPath, [PROGRAM, 'consume', '--topic', topic, ...more], {
        env: { ...env, WORKER_PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
      onTestFinished(() => void child.kill('SIGKILL'));
      return { child, port, output: () => said };
    };
    return { store, start };
  }

  const end = async (child: ChildProcess, signal: NodeJS.Signals) => {
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = await exit;
    return code as number | null;
  };
  const stored = async ({ consumed }: Store, topic: string) =>
    (await consumed.positions('stillhouse', topic)).reduce((sum, { next }) => sum + next, 0);

  /** All items that were sent, each once. */
  async function expectEachOnce(store: Store, count: number): Promise<void> {
    const seen: string[] = [];
    for (let user = 0; user < 40; user++) {
      const rows = await store.interactions.history(`u${user}`, 20_000);
      for (const { itemId } of rows) seen.push(itemId);
    }
    expect(new Set(seen).size).toBe(count);
    expect(seen).toHaveLength(count);
  }

  async function survives(topic: string, place?: string): Promise<void> {
    const { store, start } = await setUp(place);
    await kafka.createTopic(topic, PARTITIONS);
    await kafka.send(topic, PARTITIONS, messages(0, 12_000));
    let [first, second] = [await start(topic), await start(topic)];
    const all = [first, second];
    // In the middle of its work, and again while others take over what it had.
    await eventually('some are stored', async () => (await stored(store, topic)) > 2_000);
    await end(first.child, 'SIGKILL');
    first = await start(topic);
    all.push(first);
    await kafka.send(topic, PARTITIONS, messages(12_000, 15_000));
    await eventually('more are stored', async () => (await stored(store, topic)) > 5_000);
    await end(second.child, 'SIGKILL');
    second = await start(topic);
    all.push(second);
    await kafka.send(topic, PARTITIONS, messages(15_000, 16_000));
    // What a member had is given to others when it has been missed.
    await eventually('all are stored', async () => (await stored(store, topic)) === 16_000, 90_000);
    await expectEachOnce(store, 16_000).catch((error) => {
      throw new Error(`${error.message}\n${all.map(({ output }) => output()).join('\n')}`);
    });
    // One that has just been started may not listen to signals yet.
    const haveBegun = () => [first, second].every(({ output }) => output().includes('reading from these'));
    await eventually('both read', haveBegun, 60_000);
    expect(await Promise.all([end(first.child, 'SIGTERM'), end(second.child, 'SIGTERM')])).toEqual([0, 0]);
  }

  it('is stored once each on SQLite, whoever is killed', () => survives('killed-sqlite'));

  it.runIf(findPostgres())('is stored once each on PostgreSQL, whoever is killed', async () => {
    const server = await startTestPostgres();
    onTestFinished(() => server.close());
    await survives('killed-postgres', await server.createSchema());
  });

  it('is read on when the broker has been away, says how it is, and keeps what cannot be stored', async () => {
    const { store, start } = await setUp();
    await kafka.createTopic('away', 1);
    await kafka.send('away', 1, [message(0), 'no json', null, message(1)]);
    const { child, port, output } = await start('away');
    const ask = async (page: string) => (await fetch(`http://127.0.0.1:${port}${page}`)).text();
    await eventually('four are settled', async () => (await stored(store, 'away')) === 4);
    expect(JSON.parse(await ask('/health/ready'))).toEqual({ status: 'ready' });
    expect(await ask('/metrics')).toMatch(/stillhouse_consumer_rows_total\{outcome="rejected"\} 2/);
    expect(await store.consumed.rejects('stillhouse', 'away', 9)).toMatchObject([
      { message: 2, reason: 'the message has no value' },
      { message: 1, reason: expect.stringMatching(/not valid JSON/), text: 'no json' },
    ]);
    await kafka.kill();
    await kafka.start();
    await kafka.send('away', 1, [message(2)]);
    await eventually('the fifth is settled', async () => (await stored(store, 'away')) === 5, 60_000);
    await expectEachOnce(store, 3);
    expect(await end(child, 'SIGTERM')).toBe(0);
    expect(output()).toContain('reading from these positions');
  });

  it('that was deleted and made anew is not read by its old positions, and --reset reads it from its beginning', async () => {
    const { store, start } = await setUp();
    await kafka.createTopic('anew', 1);
    await kafka.send('anew', 1, messages(0, 5));
    const first = await start('anew');
    await eventually('five are stored', async () => (await stored(store, 'anew')) === 5);
    await end(first.child, 'SIGTERM');
    await kafka.deleteTopic('anew');
    await eventually('it is there again', () =>
      kafka.createTopic('anew', 1).then(
        () => true,
        () => false,
      ),
    );
    await kafka.send('anew', 1, messages(5, 15));
    const second = await start('anew');
    await eventually('it says so', () => second.output().includes('--reset'));
    await end(second.child, 'SIGTERM');
    expect(await store.interactions.countUpTo(99)).toBe(5);
    const reset = await start('anew', '--reset');
    expect((await once(reset.child, 'exit'))[0]).toBe(0);
    const third = await start('anew');
    await eventually('all are stored', async () => (await stored(store, 'anew')) === 10);
    await end(third.child, 'SIGTERM');
    await expectEachOnce(store, 15);
  });
});
if (!findKafka()) it.skip(NO_KAFKA);
