import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import type { ConsumeDeps } from '../../../src/worker/consume/consume-deps.ts';
import { createConsumeMetrics } from '../../../src/worker/consume/consume-metrics.ts';
import { startConsumer } from '../../../src/worker/consume/consumer.ts';
import { createMessageReader, type TopicMessage } from '../../../src/worker/consume/message-rows.ts';
import type { TopicReader } from '../../../src/worker/consume/topic-reader.ts';
import { eventually } from '../../helpers/eventually.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';

const value = (n: number) => Buffer.from(`{"userId":"u","itemId":"i${n}","type":"click"}`);

/** A topic of one partition in memory, whose reading goes from any position to its end and then waits. */
function createTopic(messages: number, first = 0) {
  const log = Array.from(
    { length: messages },
    (_, offset): TopicMessage => ({ partition: 0, offset, timestamp: 1_000, value: value(offset) }),
  );
  const state = {
    id: 'one',
    first,
    partitions: [0],
    reads: [] as number[],
    isClosed: false,
    rebalance: () => {},
  };
  const reader: TopicReader = {
    join: async () => state.partitions,
    topic: async () => ({ id: state.id, bounds: new Map([[0, { first: state.first, end: log.length }]]) }),
    async *read(positions, signal) {
      const from = positions.get(0);
      state.reads.push(from ?? -1);
      const ended = new Promise<void>((resolve) => {
        state.rebalance = resolve;
        signal.addEventListener('abort', () => resolve());
      });
      if (from !== undefined) for (let at = from; at < log.length; at += 300) yield log.slice(at, at + 300);
      await ended;
    },
    close: async () => {
      state.isClosed = true;
    },
  };
  return { state, reader };
}

async function consume(
  topic: ReturnType<typeof createTopic>,
  part: Partial<ConsumeDeps> = {},
  given?: Store,
) {
  const store = given ?? (await openStore(`${await temporaryFolder()}/test.db`));
  const stopping = new AbortController();
  const metrics = createConsumeMetrics();
  const consumer = startConsumer({
    ...{
      reader: topic.reader,
      store,
      read: createMessageReader({}),
      group: 'g',
      topic: 't',
      from: 'earliest',
    },
    ...{ metrics, logger: pino({ level: 'silent' }), now: Date.now, signal: stopping.signal },
    ...part,
  });
  const stop = async () => {
    stopping.abort();
    await consumer.ended;
  };
  onTestFinished(stop);
  const position = async () => (await store.consumed.positions('g', 't'))[0]?.next;
  return { consumer, store, metrics, stop, position };
}

describe('a consumer', () => {
  it('stores what is there, waits for more, and leaves the group when it is stopped', async () => {
    const topic = createTopic(2_500);
    const { consumer, store, metrics, stop, position } = await consume(topic);
    await eventually('all is stored', async () => (await position()) === 2_500);
    expect(await store.interactions.countUpTo(9_999)).toBe(2_500);
    expect(consumer.whyNotReady()).toBeNull();
    expect(await metrics.registry.metrics()).toMatch(/rows_total\{outcome="accepted"\} 2500/);
    await stop();
    expect(topic.state.isClosed).toBe(true);
  });

  it('goes on where another one of its group has stopped', async () => {
    const topic = createTopic(700);
    const first = await consume(topic);
    await eventually('all is stored', async () => (await first.position()) === 700);
    await first.stop();
    const second = await consume(topic, {}, first.store);
    await eventually('it has begun to read', () => topic.state.reads.length === 2);
    expect(topic.state.reads).toEqual([0, 700]);
    expect(await second.store.interactions.countUpTo(999)).toBe(700);
  });

  it('begins at the end where that is asked for, and writes that down before a message comes', async () => {
    const { position, store } = await consume(createTopic(50), { from: 'latest' });
    await eventually('it has begun', async () => (await position()) === 50);
    expect(await store.interactions.countUpTo(9)).toBe(0);
  });

  it('looks its positions up again where another one has read on, and stores nothing twice', async () => {
    const topic = createTopic(1_000);
    const store = await openStore(`${await temporaryFolder()}/test.db`);
    const { consumed } = store;
    let isFirst = true;
    const overtaken: typeof consumed.store = async (batch) => {
      if (isFirst) {
        isFirst = false;
        // The other member has stored the first hundred.
        const rows = batch.rows.slice(0, 100);
        await consumed.store({ ...batch, rows, parts: [{ partition: 0, from: 0, next: 100 }] });
      }
      return consumed.store(batch);
    };
    const { position } = await consume(
      topic,
      { store: { ...store, consumed: { ...consumed, store: overtaken } } },
      store,
    );
    await eventually('all is stored', async () => (await position()) === 1_000);
    expect(topic.state.reads).toEqual([0, 100]);
    expect(await store.interactions.countUpTo(9_999)).toBe(1_000);
  });

  it('reads the partitions that it gets', async () => {
    const topic = createTopic(10);
    topic.state.partitions = [];
    const { position } = await consume(topic);
    await eventually('it has none', () => topic.state.reads.length === 1);
    topic.state.partitions = [0];
    topic.state.rebalance();
    await eventually('all is stored', async () => (await position()) === 10);
  });

  it('tries again while the database is away, and says that it is not ready', async () => {
    const topic = createTopic(10);
    const store = await openStore(`${await temporaryFolder()}/test.db`);
    let isAway = true;
    const away: Store['consumed']['store'] = async (batch) => {
      if (isAway) throw problem('store-unavailable', 'The database is away');
      return store.consumed.store(batch);
    };
    const { consumer, position } = await consume(
      topic,
      { store: { ...store, consumed: { ...store.consumed, store: away } } },
      store,
    );
    await eventually('it says so', () => consumer.whyNotReady()?.includes('The database is away'));
    isAway = false;
    await eventually('all is stored', async () => (await position()) === 10);
    await eventually('it is ready', () => consumer.whyNotReady() === null);
    expect(await store.interactions.countUpTo(99)).toBe(10);
  });

  it('counts messages that Kafka had deleted, and goes on behind them', async () => {
    const topic = createTopic(100);
    const store = await openStore(`${await temporaryFolder()}/test.db`);
    await store.consumed.begin({ group: 'g', topic: 't', topicId: 'one' }, [{ partition: 0, next: 10 }]);
    topic.state.first = 60;
    const { metrics, position } = await consume(topic, {}, store);
    await eventually('all is stored', async () => (await position()) === 100);
    expect(await store.interactions.countUpTo(99)).toBe(40);
    expect(await metrics.registry.metrics()).toMatch(/lost_messages_total 50/);
  });

  it.each([
    ['was made anew', { topicId: 'another', next: 10 }],
    ['has fewer messages than were read', { topicId: 'one', next: 101 }],
  ])('reads nothing from a topic that %s, and says what to do', async (_what, { topicId, next }) => {
    const topic = createTopic(100);
    const store = await openStore(`${await temporaryFolder()}/test.db`);
    await store.consumed.begin({ group: 'g', topic: 't', topicId }, [{ partition: 0, next }]);
    const { consumer } = await consume(topic, {}, store);
    await eventually('it says so', () => consumer.whyNotReady()?.includes('--group g --reset'));
    expect(topic.state.reads).toEqual([]);
  });
});
