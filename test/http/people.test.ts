import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { item } from '../helpers/store.ts';
import { interaction } from '../serving/serving-setup.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem, saying } from './problem.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const get = (path: string) => request(service.url).get(path);
const merge = (userId: string, body: object) =>
  request(service.url).post(`/users/${userId}/merge`).send(body);
const clicked = (userId: string, rows: readonly number[]) =>
  service.store.interactions.add(rows.map((row) => interaction(userId, `item-${row}`)));

describe('POST /users/{id}/merge', () => {
  it('makes a guest the user in the next answer, in lists that go on, once', async () => {
    await clicked('guest 1', [5, 6]);
    await clicked('erin', [7]);
    const page = (await get('/recommend/guest%201?k=3').expect(200)).body;
    const before = (await get('/recommend/erin?k=60').expect(200)).body;
    const { body } = await merge('guest%201', { into: 'erin' }).expect(200);
    expect(body).toMatchObject({
      userId: 'guest 1',
      into: 'erin',
      merged: true,
      interactions: 2,
      duplicates: 0,
    });
    expect((await get('/recommend/guest%201')).body).toMatchObject({ reasonCode: 'unknown-user' });
    const after = (await get('/recommend/erin?k=60').expect(200)).body;
    const ids = (answer: { items: { itemId: string }[] }) => answer.items.map(({ itemId }) => itemId);
    expect(ids(before)).toEqual(expect.arrayContaining(['item-5', 'item-6']));
    expect(ids(after)).not.toContain('item-5');
    const next = await request(service.url)
      .post('/recommend/next')
      .send({ recommendationId: page.recommendationId })
      .expect(200);
    expect(next.body).toMatchObject({ userId: 'erin', source: 'student' });
    const again = (await merge('guest%201', { into: 'erin' }).expect(200)).body;
    expect(again).toMatchObject({ merged: false, interactions: 0, at: body.at });
    expectProblem(
      await merge('guest%201', { into: 'eric' }),
      409,
      'conflict',
      saying('has become "erin" before'),
    );
  });

  it('is erased with the user, and so is what came later under the former id', async () => {
    await clicked('guest-2', [5]);
    await merge('guest-2', { into: 'paul' }).expect(200);
    await clicked('guest-2', [8]);
    await request(service.url).delete('/users/paul').expect(200);
    for (const userId of ['paul', 'guest-2']) {
      expect((await get(`/users/${userId}/interactions`).expect(200)).body.data).toEqual([]);
    }
    expectProblem(await merge('guest-2', { into: 'paul' }), 404, 'not-found', saying('Nothing is known'));
  });

  it('takes nobody into one who has become somebody else, and erases all who became one', async () => {
    await clicked('p-1', [1, 2]);
    await clicked('p-3', [3]);
    await clicked('p-0', [4]);
    await merge('p-0', { into: 'p-1' }).expect(200);
    await merge('p-1', { into: 'p-2' }).expect(200);
    for (const [userId, advice] of [
      ['p-3', 'send "into": "p-2"'],
      ['p-2', 'there is nothing to merge'],
    ] as const) {
      const refused = await merge(userId, { into: 'p-1' });
      expectProblem(refused, 409, 'conflict', saying(`User "p-1" has become "p-2" before; ${advice}`));
    }
    await merge('p-3', { into: 'p-2' }).expect(200);
    // A word of each guest that comes later is theirs too.
    await clicked('p-0', [5]);
    await clicked('p-1', [6]);
    const { body } = await request(service.url).delete('/users/p-2').expect(200);
    expect(body.interactions).toBe(6);
    for (const userId of ['p-0', 'p-1', 'p-2', 'p-3']) {
      expect((await get(`/users/${userId}/interactions`).expect(200)).body.data).toEqual([]);
      expect((await get(`/recommend/${userId}`)).body).toMatchObject({ reasonCode: 'unknown-user' });
    }
  });

  it('leads whoever erases a former id to the user', async () => {
    await clicked('o1', [1]);
    await merge('o1', { into: 'o2' }).expect(200);
    const erase = (userId: string) => request(service.url).delete(`/users/${userId}`);
    const led = () => saying('User "o1" has become "o2"; erase that user');
    expectProblem(await erase('o1'), 404, 'not-found', led());
    await clicked('o1', [2]);
    expect((await erase('o1').expect(200)).body.interactions).toBe(1);
    expectProblem(await erase('o1'), 404, 'not-found', led());
    expect((await erase('o2').expect(200)).body.interactions).toBe(1);
    expectProblem(await erase('o1'), 404, 'not-found', saying('Nothing is known'));
  });

  it.each([
    [{}, 'invalid-request', 'into is missing'],
    [{ into: '' }, 'invalid-request', 'into must be'],
    [{ into: 'u\u0000' }, 'invalid-id', 'into contains a NUL character'],
    [{ into: 'u' }, 'invalid-request', 'into is the user in the path'],
    [{ into: 'v', from: 'u' }, 'invalid-request', 'from is not known here; known are into'],
  ])('refuses %j', async (body, code, detail) => {
    expectProblem(await merge('u', body), 400, code, saying(detail));
  });
});

describe('GET /users/{id}/similar', () => {
  const histories: Record<string, number[]> = {
    one: [1, 2, 3],
    two: [1, 2, 4],
    three: [40, 41, 42],
    four: [2, 3, 30],
  };

  it('orders users by the cosine of their vectors, those who came since too, and knows nobody who was erased', async () => {
    for (const [userId, rows] of Object.entries(histories)) await clicked(userId, rows);
    const scorer = createStudentScorer(sampleWeights(ITEMS, 8));
    const vectorOf = (rows: number[]) => {
      const vector = scorer
        .userVector(
          [...rows].reverse(),
          rows.map(() => 1),
        )
        .slice();
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    };
    const own = vectorOf(histories.one!);
    const wanted = ['two', 'three', 'four']
      .map((userId) => ({
        userId,
        score: vectorOf(histories[userId]!).reduce((sum, value, i) => sum + value * own[i]!, 0),
      }))
      .sort((a, b) => b.score - a.score);
    const { body } = await get('/users/one/similar?k=100').expect(200);
    const found = body.users.filter(({ userId }: { userId: string }) => userId in histories);
    expect(found.map(({ userId }: { userId: string }) => userId)).toEqual(wanted.map(({ userId }) => userId));
    for (const [i, { score }] of wanted.entries()) expect(found[i].score).toBeCloseTo(score, 4);
    expect(body).toMatchObject({ userId: 'one', reasonCode: 'few-fit', model: { name: 'movies' } });
    expect(body.searched.users).toBeGreaterThanOrEqual(4);

    await request(service.url).delete('/users/two').expect(200);
    const after = (await get('/users/one/similar?k=100').expect(200)).body.users;
    expect(after.map(({ userId }: { userId: string }) => userId)).not.toContain('two');
    // Somebody new has a vector at once.
    await clicked('five', [1, 2, 3]);
    const fresh = (await get('/users/five/similar?k=1').expect(200)).body;
    expect(fresh).toMatchObject({ users: [{ userId: 'one', score: 1 }] });
    expect(fresh.reasonCode).toBeUndefined();
  });

  it('says why there is nobody', async () => {
    expectProblem(
      await get('/users/nobody/similar'),
      404,
      'not-found',
      saying('Nothing is known of user "nobody".'),
    );
    await service.store.interactions.add([interaction('odd', 'no-film')]);
    const { body } = await get('/users/odd/similar').expect(200);
    expect(body).toMatchObject({ users: [], reasonCode: 'nothing-counts', searched: null });
  });

  it.each([
    ['k=0', 'k must be a whole number from 1 to 100; got 0'],
    ['k=101', 'k must be a whole number from 1 to 100; got 101'],
    ['category=Odd', 'category is not known here'],
  ])('?%s is refused', async (query, detail) => {
    expectProblem(await get(`/users/u/similar?${query}`), 400, 'invalid-request', saying(detail));
  });
});

describe('GET /similar of an item that came after the training', () => {
  it('goes by what the catalogue says, and all conditions hold', async () => {
    await service.store.catalogue.putItems([
      item('new-1', {
        title: 'The Quiet River',
        categories: ['Odd', 'Nature'],
        features: { country: 'Norway' },
      }),
      item('new-2', { title: 'River', categories: ['Nature'], features: { country: 'Norway' } }),
      item('new-3', { title: 'Desert', categories: ['Nature'] }),
      item('new-4', { title: 'Quiet River', categories: ['Nature'], hidden: true }),
    ]);
    const { body } = await get('/similar/new-1?model=movies&k=2').expect(200);
    expect(body).toMatchObject({
      itemId: 'new-1',
      source: 'catalogue',
      items: [{ itemId: 'new-2' }, { itemId: 'new-3' }],
      model: { name: 'movies' },
    });
    const [first, second] = body.items.map(({ score }: { score: number }) => score);
    expect(first).toBeGreaterThan(second);
    expect(second).toBeGreaterThan(0);
    const odd = (await get('/similar/new-1?category=Odd&k=100&exclude=item-1').expect(200)).body;
    expect(odd.items).toHaveLength(29);
    expect(odd.reasonCode).toBe('few-fit');
    expect((await get('/similar/item-1?k=2').expect(200)).body.source).toBe('student');
  });
});
