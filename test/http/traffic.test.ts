import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slotOf } from '../../src/domain/traffic/assign.ts';
import { judgeTraffics } from '../../src/worker/queue/judge-traffic.ts';
import { sampleLabels } from '../artifact/sample-labels.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { newVersion } from '../helpers/store.ts';
import { interaction, logger, truncate } from '../serving/serving-setup.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem } from './problem.ts';

const TRAFFIC = '/models/movies/traffic';
const SPLIT = { shares: { stable: 60, candidate: 40 } };

let service: LiveService;
/** Version 1 is stable, version 2 the candidate. */
beforeEach(async () => {
  service = await startLiveService();
  await addCandidate();
});
afterEach(() => service.close());

async function addCandidate(spoil?: (files: Map<string, Buffer>) => void): Promise<void> {
  const { version } = await service.setup.publish('movies', sampleWeights(ITEMS, 8, 7), spoil);
  await service.store.models.setAlias('movies', 'candidate', version);
  await service.store.models.setAlias('movies', 'stable', 1);
  await service.models.refresh();
}

const ask = (method: 'get' | 'put' | 'post' | 'delete', path: string, body?: object) => {
  const asked = request(service.url)[method](path);
  return body ? asked.send(body) : asked;
};
const set = async (body: object) => {
  const answer = await ask('put', TRAFFIC, body).expect(200);
  await service.models.refresh();
  return answer;
};
const userOf = (name: 'stable' | 'candidate', experiment = 'default') =>
  Array.from({ length: 1000 }, (_, i) => `user-${i}`).find(
    (user) => slotOf(experiment, user) < 40 === (name === 'candidate'),
  )!;

describe('traffic that is set', () => {
  it('gives each user one version, the same for every kind of answer and every option, and says which', async () => {
    await set(SPLIT);
    for (const [name, version] of [
      ['stable', 1],
      ['candidate', 2],
    ] as const) {
      const user = userOf(name);
      await service.store.interactions.add([interaction(user, 'item-3')]);
      const [item] = ['item-3'];
      const next = async () => {
        const { recommendationId } = (await ask('get', `/recommend/${user}?k=3`)).body;
        return ask('post', '/recommend/next', { recommendationId });
      };
      const answers = await Promise.all([
        // Quick, in the general way, and as others ask.
        ask('get', `/recommend/${user}?k=3`),
        ask('get', `/recommend/${user}?k=3&includeSeen=true`),
        ask('post', '/recommend', { userId: user }),
        ask('post', '/recommend', { visitor: user, interactions: [{ itemId: item }] }),
        ask('post', '/rank', { userId: user, items: [item] }),
        ask('post', '/rank', { visitor: user, items: [item] }),
        ask('get', `/similar/${item}?visitor=${user}`),
        next(),
      ]);
      for (const { body } of answers) {
        expect(body).toMatchObject({ model: { version }, variant: { name, experiment: 'default' } });
      }
      const batch = await ask('post', '/recommend/batch', { users: [user] });
      expect(batch.body.results[0]).toMatchObject({ model: { version }, variant: { name } });
    }
  });

  it('is for those who name no version, and stable for those of whom nothing is known', async () => {
    await set(SPLIT);
    const named = await ask('get', `/recommend/${userOf('candidate')}?version=1`);
    expect(named.body.model.version).toBe(1);
    expect(named.body).not.toHaveProperty('variant');
    const unknown = await ask('post', '/recommend', { interactions: [{ itemId: 'item-3' }] });
    expect(unknown.body).toMatchObject({ model: { version: 1 }, variant: { name: 'stable' } });
    await ask('delete', TRAFFIC).expect(204);
    await service.models.refresh();
    const after = await ask('get', `/recommend/${userOf('candidate')}`);
    expect(after.body.model.version).toBe(1);
    expect(after.body).not.toHaveProperty('variant');
    expectProblem(await ask('get', TRAFFIC), 404, 'not-found', /stable answers everybody/);
  });

  it('stays with the version that the alias had, and shows itself with what is served', async () => {
    await set({ ...SPLIT, experiment: 'may', test: { metric: 'conversions' } });
    await service.store.models.setAlias('movies', 'candidate', 1);
    await service.models.refresh();
    const { body, headers } = await ask('get', TRAFFIC);
    expect(body).toMatchObject({
      ...{ state: 'running', experiment: 'may', shares: SPLIT.shares, shadow: null, endings: [] },
      variants: [{ name: 'candidate', version: 2, serving: { state: 'live' } }],
      test: { metric: 'conversions', windowMinutes: 1440, alpha: 0.05, endAfter: { days: 28 } },
    });
    expect(headers.etag).toMatch(/^"\d+"$/);
    expect((await ask('get', `/recommend/${userOf('candidate', 'may')}`)).body.model.version).toBe(2);
  });

  it('lets stable answer for a version that cannot be loaded, counts nothing of that, and says so', async () => {
    await addCandidate(truncate('weights.safetensors'));
    await set({ ...SPLIT, test: { metric: 'click-through' } });
    const user = userOf('candidate');
    const variant = { name: 'stable', experiment: 'default', standsInFor: 'candidate' };
    for (const query of ['', '?includeSeen=true']) {
      const { body } = await ask('get', `/recommend/${user}${query}`);
      expect(body).toMatchObject({ model: { version: 1 }, variant });
    }
    await service.servedLog.flush();
    const { body } = await ask('get', '/models/movies/online');
    expect(body.traffic).toBe('running');
    expect(body.experiment.variants).toMatchObject([{ name: 'stable' }, { name: 'candidate', users: 0 }]);
    const [shown] = (await ask('get', TRAFFIC)).body.variants;
    expect(shown.serving).toMatchObject({ state: 'refused', reason: expect.stringContaining('weights') });
    const metrics = await ask('get', '/metrics');
    expect(metrics.text).toMatch(
      /stillhouse_variant_answers_total\{model="movies",variant="stable",version="1",stands_in_for="candidate"\} 2/,
    );
  });

  it('is refused where it contradicts itself, and says what would be right', async () => {
    await service.setup.publishLabels('genres', sampleLabels());
    const cases: [object, number, RegExp][] = [
      [
        { shares: { stable: 90, candidate: 20 } },
        400,
        /shares must add up to 100; stable \+ candidate is 110/,
      ],
      [{ shares: { stable: 100 } }, 400, /stable alone/],
      [{ shares: { candidate: 100 } }, 400, /shares must have stable/],
      [{ shares: { stable: 90.5, candidate: 9.5 } }, 400, /shares.* whole number/],
      [{ shares: { stable: 100, candidate: 0 } }, 400, /shares.* from 1 to 100/],
      [{ stable: 90, candidate: 10 }, 400, /shares/],
      [{ shares: { stable: 90, nightly: 10 } }, 404, /no alias "nightly"/],
      [{ shares: { stable: 90, '9': 10 } }, 404, /no version 9/],
      [{ shares: { stable: 90, '1': 10 } }, 400, /1 is version 1, which is in the traffic already/],
      [{ shares: { stable: 80, '2': 10, candidate: 10 } }, 400, /candidate is version 2, which is in/],
      [{ ...SPLIT, test: { metric: 'clicks' } }, 400, /test\.metric must be .*click-through/],
      [{ ...SPLIT, test: {} }, 400, /test\.metric is missing/],
      [{ ...SPLIT, test: { metric: 'revenue', endAfter: { users: 100 } } }, 400, /endAfter\.users must be/],
      [{ ...SPLIT, alpha: 0.1 }, 400, /alpha/],
      [{ ...SPLIT, experiment: 'a b' }, 400, /experiment must be a name/],
      [{ shares: { stable: 100 }, shadow: { version: 'nightly', sample: 0.1 } }, 404, /"nightly"/],
      [{ shares: { stable: 100 }, shadow: { version: 1, sample: 0.1 } }, 400, /shadow\.version is version 1/],
      [{ shares: { stable: 100 }, shadow: { version: 2, sample: 2 } }, 400, /shadow\.sample/],
    ];
    for (const [body, status, detail] of cases) {
      const code = status === 404 ? 'not-found' : 'invalid-request';
      expectProblem(await ask('put', TRAFFIC, body), status, code, detail);
    }
    expectProblem(await ask('put', '/models/films/traffic', SPLIT), 404, 'not-found', /no model "films"/);
    expect(await service.store.traffic.get('movies')).toBeNull();
  });

  it('is no way around the gate', async () => {
    const rule = {
      rule: 'baseline',
      value: -1,
      limit: 0,
      passed: false,
      decided: 'interval',
      text: 'no',
    } as const;
    const gate = { comparedWith: 1, foundUnder: 'stable', rules: [rule], merit: 0.1 };
    const { version } = await service.store.models.publish(newVersion({ jobId: 'd', gate }), {
      ...{ alias: 'stable', isOff: false },
    });
    const body = { shares: { stable: 90, [version]: 10 } };
    const detail = /reason must say why version 3 is to answer a share .* refused it \(baseline\)/;
    expectProblem(await ask('put', TRAFFIC, body), 400, 'invalid-request', detail);
    const { body: traffic } = await ask('put', TRAFFIC, { ...body, reason: ' small test part ' });
    expect(traffic).toMatchObject({ reason: 'small test part', shares: body.shares });
  });

  it('is changed only as it was read, where the caller asks for that', async () => {
    const { headers } = await ask('put', TRAFFIC, SPLIT).set('if-none-match', '*').expect(200);
    const changed = await ask('put', TRAFFIC, SPLIT).set('if-match', headers.etag!).expect(200);
    const stale = (method: 'put' | 'delete') =>
      ask(method, TRAFFIC, method === 'put' ? SPLIT : undefined).set('if-match', headers.etag!);
    for (const method of ['put', 'delete'] as const)
      expectProblem(await stale(method), 412, 'precondition-failed', /The traffic is not what If-Match/);
    const there = await ask('put', TRAFFIC, SPLIT).set('if-none-match', '*');
    expectProblem(there, 412, 'precondition-failed', /is there already/);
    await ask('delete', TRAFFIC).set('if-match', changed.headers.etag!).expect(204);
    expectProblem(await ask('delete', TRAFFIC), 404, 'not-found', /no traffic/);
  });

  it('keeps its version from being deleted', async () => {
    await set(SPLIT);
    await ask('delete', '/models/movies/aliases/candidate').expect(204);
    const refused = await ask('delete', '/models/movies/versions/2');
    expectProblem(refused, 409, 'conflict', /needed by traffic \(candidate\)/);
    expectProblem(await ask('delete', '/models/movies/aliases/stable'), 409, 'conflict', /traffic/);
  });
});

describe('an experiment', () => {
  const HOUR_MS = 3_600_000;
  const judge = (now: number) =>
    judgeTraffics({ store: service.store, logger, now: () => now, onEnded: () => {} });

  /** Each user asks twice; of each variant so many users of ten buy the first item that they are shown. */
  async function simulate(users: number, buying: { stable: number; candidate: number }): Promise<void> {
    const order = { stable: 0, candidate: 0 };
    for (let i = 0; i < users; i++) {
      const user = `user-${i}`;
      const { body } = await ask('get', `/recommend/${user}?k=2`);
      await ask('get', `/recommend/${user}?k=2`);
      const name = body.variant.name as 'stable' | 'candidate';
      if (order[name]++ % 10 >= buying[name]) continue;
      const { recommendationId } = body;
      const buy = {
        userId: user,
        itemId: body.items[0].itemId,
        type: 'purchase',
        value: 4,
        recommendationId,
      };
      await ask('post', '/interactions', { interactions: [buy] }).expect(200);
    }
    await service.servedLog.flush();
  }

  it.each([
    ['better', { stable: 1, candidate: 9 }, 2, 'promoted'],
    ['worse', { stable: 9, candidate: 1 }, 1, 'kept'],
  ] as const)('ends by itself when the candidate is %s', async (kind, buying, version, action) => {
    const test = { metric: 'conversions', minimumUsers: 20, windowMinutes: 60 };
    await set({ ...SPLIT, test });
    await simulate(100, buying);
    await judge(Date.now());
    expect((await ask('get', TRAFFIC)).body.state).toBe('running');
    const { body: before } = await ask('get', '/models/movies/online');
    expect(before).toMatchObject({ experiment: { comparisons: [{ verdict: 'too-few' }] } });
    const later = Date.now() + HOUR_MS;
    await judge(later);
    const { body } = await ask('get', TRAFFIC);
    expect(body).toMatchObject({
      state: 'ended',
      endings: [{ kind, variant: 'candidate', version: 2, promoted: kind === 'better' }],
    });
    expect(body.endings[0].text).toMatch(
      new RegExp(`^candidate \\(version 2\\) is ${kind} than stable by conversions: the difference is `),
    );
    const [move] = (await ask('get', '/models/movies/aliases/stable/history')).body.data;
    expect(move).toMatchObject({ version, action, reason: body.endings[0].text });
    const { body: notices } = await ask('get', '/notices?kind=traffic.ended');
    expect(notices.data).toMatchObject([{ model: 'movies', version: 2, data: { outcome: kind } }]);
    await service.models.refresh();
    const answer = (await ask('get', `/recommend/${userOf('candidate')}`)).body;
    expect(answer.model.version).toBe(version);
    expect(answer).not.toHaveProperty('variant');
  });

  it('is shown by version and variant, with intervals by user', async () => {
    await set({ ...SPLIT, test: { metric: 'revenue' } });
    await simulate(20, { stable: 5, candidate: 5 });
    const { body } = await ask('get', '/models/movies/online');
    const users = { stable: 0, candidate: 0 };
    for (let i = 0; i < 20; i++) users[slotOf('default', `user-${i}`) < 40 ? 'candidate' : 'stable']++;
    const shown = body.versions.filter(({ variant }: { variant: string | null }) => variant !== null);
    expect(shown).toMatchObject(
      (['candidate', 'stable'] as const).map((variant) => ({
        variant,
        version: variant === 'stable' ? 1 : 2,
        users: users[variant],
        served: 2 * users[variant],
        revenue: 4 * Math.min(users[variant], 5 + Math.max(0, users[variant] - 10)),
        conversionsInterval: { low: expect.any(Number), high: expect.any(Number) },
      })),
    );
    for (const { clickThroughRate, clickThroughInterval } of shown) {
      expect(clickThroughInterval.low).toBeLessThan(clickThroughRate);
      expect(clickThroughInterval.high).toBeGreaterThan(clickThroughRate);
    }
    expectProblem(await ask('get', '/models/movies/online?days=0'), 400, 'invalid-request', /days must be/);
  });

  it('is overtaken by whoever promotes the candidate', async () => {
    await set(SPLIT);
    await ask('put', '/models/movies/aliases/stable', { version: 2 }).expect(200);
    await judge(Date.now());
    expect((await ask('get', TRAFFIC)).body).toMatchObject({
      state: 'ended',
      endings: [{ kind: 'overtaken' }],
    });
  });
});

it('a shadow is asked in the background, and nobody sees what it says', async () => {
  await set({ shares: { stable: 100 }, shadow: { version: 'candidate', sample: 1 } });
  const seen = [];
  for (let i = 0; i < 5; i++) seen.push((await ask('get', '/recommend/u?k=5')).body);
  const own = (await ask('get', '/recommend/u?k=5&version=2')).body;
  for (const { model, variant } of seen)
    expect([model.version, variant]).toEqual([1, { name: 'stable', experiment: 'default' }]);
  await service.shadow.flush();
  const { body } = await ask('get', '/models/movies/online');
  const ids = own.items.map(({ itemId }: { itemId: string }) => itemId);
  const shared = seen[0].items.filter(({ itemId }: { itemId: string }) => ids.includes(itemId)).length;
  expect(body.experiment).toBeNull();
  expect(body.shadows).toMatchObject([
    { version: 2, liveVersion: 1, asked: 5, dropped: 0, failed: 0, overlap: expect.closeTo(shared / 5, 10) },
  ]);
  for (const latency of [body.shadows[0].microseconds, body.shadows[0].liveMicroseconds])
    expect(latency.p99).toBeGreaterThan(0);
});
