import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { interaction } from '../serving/serving-setup.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem, saying } from './problem.ts';
import { startService } from './service.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

interface Shown {
  itemId: string;
  source?: string;
}
interface Page {
  items: Shown[];
  recommendationId: string;
  reasonCode?: string;
  [member: string]: unknown;
}
const get = async (path: string): Promise<Page> => (await request(service.url).get(path).expect(200)).body;
const post = (path: string, body: object) => request(service.url).post(path).send(body);
const next = async ({ recommendationId }: Page, more: object = {}): Promise<Page> =>
  (await post('/recommend/next', { recommendationId, ...more }).expect(200)).body;
const idsOf = ({ items }: Page) => items.map(({ itemId }) => itemId);
const click = (userId: string, itemId: string, type = 'click') =>
  post('/interactions', { interactions: [{ userId, itemId, type }] }).expect(200);

/** All pages from the first to the empty one. */
async function allPages(first: Page): Promise<Page[]> {
  const pages = [first];
  while (pages.at(-1)!.items.length > 0) pages.push(await next(pages.at(-1)!));
  return pages;
}

describe('POST /recommend/next', () => {
  it.each([
    ['the quick answer', '/recommend/u?k=7', 58, 'u'],
    [
      'a filtered answer',
      `/recommend/u?k=4&category=Odd&filter=${encodeURIComponent('number < 30')}`,
      13,
      'u',
    ],
    ['popular items for somebody unknown', '/recommend/nobody?k=9', ITEMS, 'nobody'],
  ])('goes through the whole list after %s, each item once', async (_, path, count, userId) => {
    const pages = await allPages(await get(path));
    const shown = pages.flatMap(idsOf);
    expect(new Set(shown).size).toBe(count);
    expect(shown).toHaveLength(count);
    const whole = await get(path.replace(/k=\d/, 'k=100'));
    expect(shown).toEqual(idsOf(whole));
    expect(pages.at(-1)).toMatchObject({ items: [], reasonCode: 'exhausted', userId });
    expect(pages.at(-1)!.reason).toContain(`all ${count} items`);
    expect(new Set(pages.map(({ recommendationId }) => recommendationId)).size).toBe(pages.length);
  });

  it('keeps to session, exclusions and fields, takes another k, and answers the same id the same way', async () => {
    const body = { interactions: [{ itemId: 'item-2' }], exclude: ['item-4'], fields: ['categories'], k: 3 };
    const first: Page = (await post('/recommend', body).expect(200)).body;
    const second = await next(first, { k: 5 });
    const whole: Page = (await post('/recommend', { ...body, k: 8 }).expect(200)).body;
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(whole));
    expect(second).toMatchObject({ userId: null, source: 'student' });
    expect(second.items[0]).toHaveProperty('categories');
    expect(await next(first, { k: 5 })).toEqual(second);
    expect(second.recommendationId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect((await next(first)).recommendationId).not.toBe(second.recommendationId);
    expect(idsOf(await next(second))).toHaveLength(5);
  });

  it('looks at what happened since: a click, a rule, a hidden item', async () => {
    await service.setup.store.interactions.add([interaction('since', 'item-1')]);
    const whole = idsOf(await get('/recommend/since?k=20'));
    const first = await get('/recommend/since?k=5');
    await click('since', whole[6]!);
    const { body: rule } = await post('/rules', { action: 'hide', items: [whole[7]] }).expect(201);
    const second = idsOf(await next(first, { k: 5 }));
    expect(second).not.toContain(whole[6]);
    expect(second).not.toContain(whole[7]);
    expect(second.some((id) => idsOf(first).includes(id))).toBe(false);
    await request(service.url).delete(`/rules/${rule.id}`).expect(204);
  });

  it('has pins at their places in the whole list, and none twice', async () => {
    const { body: rule } = await post('/rules', {
      action: 'pin',
      items: ['item-50', 'item-51', 'item-52'],
      position: 3,
    }).expect(201);
    const first = await get('/recommend/u?k=4');
    expect(idsOf(first).slice(2)).toEqual(['item-50', 'item-51']);
    const second = await next(first);
    expect(idsOf(second)[0]).toBe('item-52');
    await request(service.url).delete(`/rules/${rule.id}`).expect(204);
  });

  it('continues answers of a batch, and padding stays padding', async () => {
    const { body } = await post('/recommend/batch', { users: ['u'], k: 5 }).expect(200);
    expect(idsOf(await next(body.results[0]))).toHaveLength(5);
    const padded = await get('/recommend/u?k=40&category=Odd&fill=true');
    const more = await next(padded, { k: 5 });
    expect(more).toMatchObject({ source: 'padding', reasonCode: 'padded' });
  });

  it.each([
    [{}, 'recommendationId is missing'],
    [{ recommendationId: 7 }, 'recommendationId must be'],
    [{ recommendationId: 'x', k: 0 }, 'k must be a whole number from 1 to 1000; got 0'],
    [{ recommendationId: 'x', category: ['Odd'] }, 'category is not known here'],
  ])('refuses %j', async (body, detail) => {
    expectProblem(await post('/recommend/next', body), 400, 'invalid-request', saying(detail));
  });

  it('says of an id that it does not know, or of a ranking, what to do', async () => {
    const ranked = (await post('/rank', { userId: 'u', items: ['item-1'] })).body.recommendationId;
    for (const recommendationId of ['3b241101-e2bb-4255-8caf-4136c566a962', ranked]) {
      const answer = await post('/recommend/next', { recommendationId });
      expectProblem(answer, 404, 'not-found', saying('older than 15 minutes, or is of no recommendation'));
    }
  });
});

describe('impressions=true', () => {
  it('records what was shown, in every way of asking, and changes nothing else', async () => {
    await service.setup.store.interactions.add([interaction('eye', 'item-1')]);
    const first = await get('/recommend/eye?k=3&impressions=true');
    const second = await next(first);
    const third: Page = (await post('/recommend', { userId: 'eye', k: 2, impressions: true })).body;
    expect(idsOf(third)).toEqual(idsOf(first).slice(0, 2));
    const { body } = await request(service.url).get('/users/eye/interactions?limit=50').expect(200);
    const impressions = body.data.filter(({ type }: { type: string }) => type === 'impression');
    const found = new Set(
      impressions.map((row: { itemId: string; eventId: string }) => `${row.eventId} ${row.itemId}`),
    );
    const wanted = [first, second, third].flatMap((page) =>
      idsOf(page).map((id) => `${page.recommendationId} ${id}`),
    );
    expect(found).toEqual(new Set(wanted));
    expect(impressions[0].timestampSource).toBe('received');
  });

  const impressionsOf = async (userId: string): Promise<{ itemId: string; eventId: string }[]> => {
    const { body } = await request(service.url).get(`/users/${userId}/interactions?limit=100`).expect(200);
    return body.data.filter(({ type }: { type: string }) => type === 'impression');
  };

  it('records a page once, however often and at a time it is asked for', async () => {
    const first = await get('/recommend/again?k=3&impressions=true&maxImpressions=1');
    const [second, atOnce] = await Promise.all([next(first), next(first)]);
    expect(atOnce).toEqual(second);
    await post('/rules', { action: 'hide', items: [second.items[0]!.itemId] }).expect(201);
    expect(await next(first)).toEqual(second);
    expect(await impressionsOf('again')).toHaveLength(6);
    // Another k is another page.
    const other = await next(first, { k: 2 });
    expect(other.recommendationId).not.toBe(second.recommendationId);
    expect(await impressionsOf('again')).toHaveLength(8);
  });

  it('stores nothing of somebody who was erased, by an old id', async () => {
    const erase = (userId: string) => request(service.url).delete(`/users/${userId}`).expect(200);
    const refused = async ({ recommendationId }: Page) =>
      expectProblem(
        await post('/recommend/next', { recommendationId }),
        404,
        'not-found',
        saying('was erased'),
      );
    const first = await get('/recommend/er?k=3&impressions=true');
    const second = await next(first);
    await erase('er');
    for (const page of [first, second]) await refused(page);
    expect(await impressionsOf('er')).toEqual([]);
    // Nor where somebody new has come under the id.
    await click('er', 'item-1');
    await refused(first);
    expect(await impressionsOf('er')).toEqual([]);

    const guests = await get('/recommend/er-guest?k=3&impressions=true');
    await post('/users/er-guest/merge', { into: 'er-user' }).expect(200);
    const theirs = await next(guests);
    expect(theirs.userId).toBe('er-user');
    const later = await get('/recommend/er-guest?k=3&impressions=true');
    expect((await next(later)).userId).toBe('er-guest');
    await erase('er-user');
    for (const page of [guests, theirs, later]) await refused(page);
    for (const userId of ['er-guest', 'er-user']) expect(await impressionsOf(userId)).toEqual([]);

    // What came from a history is not continued without it, recorded or not.
    await click('er-quiet', 'item-1');
    const [quick, filtered] = [
      await get('/recommend/er-quiet?k=3'),
      await get('/recommend/er-quiet?k=3&diversity=0.5'),
    ];
    expect([quick.source, filtered.source]).toEqual(['student', 'student']);
    await erase('er-quiet');
    for (const page of [quick, filtered]) await refused(page);
  });

  it('of somebody unknown leaves them unknown', async () => {
    await get('/recommend/ghost?k=2&impressions=true');
    expect(await get('/recommend/ghost?k=2')).toMatchObject({ reasonCode: 'unknown-user' });
  });

  it('needs a user, and a key that may store', async () => {
    const session = { interactions: [{ itemId: 'item-1' }], impressions: true };
    expectProblem(await post('/recommend', session), 400, 'invalid-request', saying('needs userId'));
    const apiKeys = parseApiKeys(
      ['read', 'read+ingest']
        .map((scopes) => `${createHash('sha256').update(scopes).digest('hex')}:${scopes}`)
        .join(),
    );
    const guarded = await startService({ apiKeys });
    const ask = (key: string) =>
      request(guarded.url).get('/recommend/x?impressions=true').set('x-api-key', key);
    expectProblem(
      await ask('read'),
      403,
      'forbidden',
      saying('impressions=true needs a key with the scope recommend or events'),
    );
    await ask('read+ingest').expect(200);
    await guarded.close();
  });
});

describe('maxImpressions', () => {
  const shown = (userId: string, itemId: string, daysAgo: number) =>
    interaction(userId, itemId, { type: 'impression', timestamp: Date.now() - daysAgo * 86_400_000 });

  it('takes out what was shown so often within the days without a reaction, popular items and padding too', async () => {
    const { store } = service.setup;
    await store.interactions.add([
      interaction('tired', 'item-1'),
      ...[1, 2].flatMap((days) => [shown('tired', 'item-20', days), shown('newcomer', 'item-20', days)]),
      ...[1, 9].map((days) => shown('tired', 'item-21', days)),
      ...[1, 2].map((days) => shown('tired', 'item-22', days)),
      interaction('tired', 'item-22', { type: 'view', timestamp: Date.now() - 1000 }),
      shown('tired', 'item-23', 1),
    ]);
    for (const userId of ['tired', 'newcomer']) {
      const capped = idsOf(await get(`/recommend/${userId}?k=100&maxImpressions=2&includeSeen=true`));
      expect(capped, userId).not.toContain('item-20');
      expect(capped).toEqual(expect.arrayContaining(['item-21', 'item-22', 'item-23']));
      expect(idsOf(await get(`/recommend/${userId}?k=100`))).toContain('item-20');
    }
    const longer = await get(
      '/recommend/tired?k=100&maxImpressions=2&rotationDays=10&fill=true&category=Odd',
    );
    expect(idsOf(longer)).not.toContain('item-20');
    expect(idsOf(longer)).not.toContain('item-21');
    expect(idsOf(longer)).toContain('item-23');
  });

  it('rotates a list that is shown with impressions=true, until a reaction', async () => {
    await service.setup.store.interactions.add([interaction('turning', 'item-1')]);
    const ask = async () => idsOf(await get('/recommend/turning?k=3&maxImpressions=1&impressions=true'));
    const [first, second] = [await ask(), await ask()];
    expect(second.some((id) => first.includes(id))).toBe(false);
    await click('turning', first[0]!);
    expect(idsOf(await get('/recommend/turning?k=100&maxImpressions=1&includeSeen=true'))).toContain(
      first[0],
    );
  });

  it('is the reason of a list that it has emptied, or shortened', async () => {
    const path = '/recommend/full?k=3&maxImpressions=1&category=Odd&filter=';
    const two = `${path}${encodeURIComponent('number in 30..33')}`;
    const four = `${path}${encodeURIComponent('number in 30..35')}`;
    await get(`${two}&impressions=true`);
    const empty = await get(two);
    expect(empty).toMatchObject({ items: [], reasonCode: 'shown-often' });
    expect(empty.reason).toBe(
      'no item fits category and filter; 2 would fit, but were shown as often as maxImpressions allows',
    );
    await click('full', 'item-2');
    const short = await get(four);
    expect(short).toMatchObject({ items: [{ itemId: 'item-35' }], reasonCode: 'shown-often' });
    expect(short.reason).toContain('only 1 item fits category and filter; 2 more would fit');
    expect(await get(`${two}&maxImpressions=0`.replace('maxImpressions=1&', ''))).toMatchObject({
      reasonCode: 'few-fit',
    });
  });

  it('shows pins all the same', async () => {
    const { body: rule } = await post('/rules', { action: 'pin', items: ['item-20'] }).expect(201);
    expect(idsOf(await get('/recommend/tired?k=2&maxImpressions=1'))[0]).toBe('item-20');
    await request(service.url).delete(`/rules/${rule.id}`).expect(204);
  });

  it.each([
    ['maxImpressions=-1', 'maxImpressions must be a whole number from 0 to 1000; got -1'],
    ['maxImpressions=2&rotationDays=0', 'rotationDays must be a whole number from 1 to 365; got 0'],
    ['rotationDays=3', 'rotationDays needs maxImpressions'],
    ['impressions=perhaps', 'impressions must be true or false; got "perhaps"'],
  ])('?%s is refused', async (query, detail) => {
    const answer = await request(service.url).get(`/recommend/tired?${query}`);
    expectProblem(answer, 400, 'invalid-request', saying(detail));
  });
});

describe('the policy of a model', () => {
  const put = (body: object, model = 'movies') =>
    request(service.url).put(`/models/${model}/policy`).send(body);

  it('hides what was bought and not what was clicked, where a request says nothing else', async () => {
    await service.setup.store.interactions.add([
      interaction('buyer', 'item-30'),
      interaction('buyer', 'item-31', { type: 'purchase' }),
    ]);
    const none = await get('/models/movies/policy');
    expect(none).toMatchObject({ model: 'movies', seenTypes: null, maxImpressions: null, updatedAt: null });
    const { body } = await put({ seenTypes: ['purchase'], maxImpressions: 1 }).expect(200);
    expect(body).toMatchObject({ seenTypes: ['purchase'], maxImpressions: 1, rotationDays: 7 });
    for (const path of ['/recommend/buyer?k=100', '/recommend/buyer?k=100&model=movies']) {
      const ids = idsOf(await get(path));
      expect(ids).toContain('item-30');
      expect(ids).not.toContain('item-31');
    }
    const otherwise = idsOf(await get('/recommend/buyer?k=100&seenTypes=click'));
    expect(otherwise).not.toContain('item-30');
    expect(otherwise).toContain('item-31');
    // The cap of the policy, and a request without any.
    expect(idsOf(await get('/recommend/tired?k=100'))).not.toContain('item-20');
    expect(idsOf(await get('/recommend/tired?k=100&maxImpressions=0'))).toContain('item-20');
    expect(idsOf(await get('/recommend/tired?k=100&rotationDays=10'))).not.toContain('item-21');

    await request(service.url).delete('/models/movies/policy').expect(204);
    expect(idsOf(await get('/recommend/buyer?k=100'))).not.toContain('item-30');
  });

  it('warns of types that nobody knows, as a request does', async () => {
    const { body } = await put({ seenTypes: ['purchase', 'gekauft'] }).expect(200);
    expect(body.warnings).toEqual([
      'seenTypes: no interaction has the type gekauft, and nobody has declared it.',
    ]);
    await request(service.url).delete('/models/movies/policy').expect(204);
    const answer = await get('/recommend/u?seenTypes=purchase&seenTypes=gekauft');
    expect(answer.warnings).toEqual([
      {
        code: 'unknown-type',
        detail: 'seenTypes: no interaction has the type "gekauft", and nobody has declared it.',
      },
    ]);
  });

  it.each([
    [{ rotationDays: 3 }, 'rotationDays needs maxImpressions'],
    [{ seenTypes: [] }, 'seenTypes must have at least 1 entry; got 0'],
    [{ maxImpressions: 0 }, 'maxImpressions must be a whole number from 1 to 1000; got 0'],
    [{ seen: ['click'] }, 'seen is not known here; known are seenTypes, maxImpressions, rotationDays'],
  ])('refuses %j', async (body, detail) => {
    expectProblem(await put(body), 400, 'invalid-request', saying(detail));
  });

  it('is of a model that there is', async () => {
    expectProblem(
      await put({ seenTypes: ['click'] }, 'films'),
      404,
      'not-found',
      saying('There is no model "films".'),
    );
  });
});

it.each(['next', 'batch'])('a user may be called %s', async (userId) => {
  await service.setup.store.interactions.add([interaction(userId, 'item-1')]);
  expect(await get(`/recommend/${userId}?k=3`)).toMatchObject({ userId, source: 'student' });
  const refused = await request(service.url).put(`/recommend/${userId}`);
  expectProblem(refused, 405, 'method-not-allowed', saying('allowed are GET, HEAD, POST'));
  expect((await request(service.url).post('/recommend/u')).headers.allow).toBe('GET, HEAD');
});
