import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { type Ask, createChanges } from '../../bench/traffic/changes.ts';
import { createTimeline, type Seen } from '../../bench/traffic/timeline.ts';
import { createRng } from '../../src/core/rng.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { interaction, setUpServing } from '../serving/serving-setup.ts';
import { createToySignals, ITEMS, startReplica } from './live-service.ts';

/** Long for a busy machine; bench/traffic-load.ts has the second that is promised. */
const PATIENCE_MS = 5000;

it('two apis answer every request while versions change places, by a version that was current', async () => {
  const setup = await setUpServing();
  onTestFinished(() => setup.close().catch(() => {}));
  const users = Array.from({ length: 40 }, (_, i) => `user-${i}`);
  for (const seed of [1, 2, 3]) await setup.publish('movies', sampleWeights(ITEMS, 8, seed));
  await setup.store.interactions.add(users.map((user) => interaction(user, 'item-3')));
  const signals = createToySignals();
  const replicas = [await startReplica(setup, signals), await startReplica(setup, signals)];
  onTestFinished(async () => void (await Promise.allSettled(replicas.map((replica) => replica.close()))));
  const rng = createRng(1);
  const urlOf = () => replicas[rng.int(2)]!.url;
  const timeline = createTimeline([3], PATIENCE_MS);
  const seen: Seen[] = [];
  let isOver = false;
  const asking = replicas.map(async ({ url }) => {
    for (let i = 0; !isOver; i++) {
      const sent = performance.now();
      const { body } = await request(url)
        .get(`/recommend/${users[i % users.length]}?k=3`)
        .expect(200);
      seen.push({ sent, got: performance.now(), version: body.model.version });
    }
  });
  const ask: Ask = async (method, path, body) => {
    const verb = method.toLowerCase() as 'get' | 'put' | 'post' | 'delete';
    const asked = request(urlOf())[verb](path);
    const { status, body: got } = await (body ? asked.send(body) : asked);
    return { status, body: got };
  };
  const { change, counts } = createChanges(ask, 'movies', [1, 2, 3], rng);
  while (timeline.changes() < 20) {
    await timeline.change(change);
    const before = seen.length;
    while (seen.length < before + 4) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  isOver = true;
  await Promise.all(asking);
  expect(
    Object.values(counts).every((count) => count > 0),
    JSON.stringify(counts),
  ).toBe(true);
  expect(seen.filter((answer) => !timeline.isCurrent(answer))).toEqual([]);
  expect(new Set(seen.map(({ version }) => version))).toEqual(new Set([1, 2, 3]));
});
