import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createQueueProducer, type QueueProducer } from '../../src/jobs/producer.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { interaction, logger, type ServingSetup, setUpServing } from '../serving/serving-setup.ts';
import { ITEMS, startReplica } from './live-service.ts';

type Replica = Awaited<ReturnType<typeof startReplica>>;

let redis: TestRedis;
let setup: ServingSetup;
let queues: QueueProducer[];
let here: Replica;
let there: Replica;

beforeAll(async () => {
  redis = await startTestRedis();
  setup = await setUpServing();
  await setup.publish('movies', sampleWeights(ITEMS, 8));
  queues = [1, 2].map(() => createQueueProducer({ redisUrl: redis.url, logger }));
  await eventually('both hear signals', () => queues.every(({ signals }) => signals.listening()));
  [here, there] = await Promise.all([
    startReplica(setup, queues[0]!.signals, queues[0]!.memory),
    startReplica(setup, queues[1]!.signals, queues[1]!.memory),
  ]);
});
afterAll(async () => {
  // The database is one: whoever closes it second is told so.
  await Promise.allSettled([here.close(), there.close(), ...queues.map((queue) => queue.close())]);
  await setup.close().catch(() => {});
  await redis.close();
});

const recommend = async ({ url }: Replica, userId: string, query = 'k=5') =>
  (await request(url).get(`/recommend/${userId}?${query}`).expect(200)).body;
const idsOf = (answer: { items: { itemId: string }[] }) => answer.items.map(({ itemId }) => itemId);

/** Asks until nothing is asked of the database any more. */
async function askUntilKept(replica: Replica, userId: string) {
  const isKept = async () => {
    await recommend(replica, userId);
    return replica.models.items.get('movies')?.users.get(userId, Date.now());
  };
  await eventually(`${userId} is kept in memory`, isKept);
}

describe('two apis over one database', () => {
  it('an interaction that one accepts counts in the next answer of both', async () => {
    await setup.store.interactions.add([interaction('reader', 'item-3')]);
    await askUntilKept(here, 'reader');
    await askUntilKept(there, 'reader');
    const [first] = idsOf(await recommend(there, 'reader'));
    const click = { userId: 'reader', itemId: first, type: 'click' };
    await request(here.url)
      .post('/interactions')
      .send({ interactions: [click] })
      .expect(200);
    expect(idsOf(await recommend(here, 'reader', 'k=60'))).not.toContain(first);
    await eventually(
      'the other one knows',
      async () => !idsOf(await recommend(there, 'reader', 'k=60')).includes(first!),
      1000,
    );
  });

  it('a list that one began is continued by the other', async () => {
    await setup.store.interactions.add([interaction('pager', 'item-3')]);
    const whole = idsOf(await recommend(here, 'pager', 'k=10'));
    const first = await recommend(here, 'pager', 'k=5');
    const body = { recommendationId: first.recommendationId };
    const next = () => request(there.url).post('/recommend/next').send(body);
    await eventually('Redis has it', async () => (await next()).status === 200, 2000);
    const second = (await next()).body;
    expect([...idsOf(first), ...idsOf(second)]).toEqual(whole);
    // A retry that reaches the api that began it gets the same page, under the same id.
    const retry = () => request(here.url).post('/recommend/next').send(body);
    expect((await retry()).body).toEqual(second);
  });

  it('a user who was erased gets nothing of the past: not from the api that erased, nor from the other', async () => {
    await setup.store.interactions.add([interaction('leaver', 'item-3'), interaction('leaver', 'item-9')]);
    await askUntilKept(here, 'leaver');
    await askUntilKept(there, 'leaver');
    expect((await recommend(there, 'leaver')).source).toBe('student');

    await request(here.url).delete('/users/leaver').expect(200);
    const after = await recommend(here, 'leaver', 'k=60');
    expect(after).toMatchObject({ source: 'popularity', reason: 'no interaction of this user is known' });
    // What was seen before may be shown again: nothing is known of it.
    expect(idsOf(after)).toEqual(expect.arrayContaining(['item-3', 'item-9']));
    await eventually(
      'the other one knows nothing either',
      async () => (await recommend(there, 'leaver')).source === 'popularity',
      1000,
    );
    for (const replica of [here, there]) {
      for (const query of ['k=5', 'k=5&explain=true', 'k=60&includeSeen=true']) {
        expect((await recommend(replica, 'leaver', query)).source).toBe('popularity');
      }
      expect(replica.models.items.get('movies')!.users.get('leaver', Date.now())).toBeNull();
    }
  });

  it('a user who is asked for all the while is gone with the answer to the deletion', async () => {
    await setup.store.interactions.add([interaction('busy', 'item-3')]);
    let isErased = false;
    const late: string[] = [];
    const asking = (async () => {
      while (late.length < 20) {
        const wasErased = isErased;
        const { source } = await recommend(here, 'busy');
        if (wasErased) late.push(source);
      }
    })();
    await askUntilKept(here, 'busy');
    await request(here.url).delete('/users/busy').expect(200);
    isErased = true;
    await asking;
    expect(new Set(late)).toEqual(new Set(['popularity']));
  });
});
