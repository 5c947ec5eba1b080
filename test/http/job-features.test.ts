import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
const post = (body: object) => request(service.url).post('/jobs').send(body);
const send = (kind: 'items' | 'users', rows: object[]) =>
  request(service.url)
    .post(`/${kind}`)
    .send({ [kind]: rows })
    .expect((answer) => expect(answer.status).toBeLessThan(300));

describe('features that a job asks for', () => {
  beforeEach(async () => {
    service = await startService();
    await storeEnough(service.store);
    await send('items', [
      { itemId: 'a', features: { year: 1995 } },
      { itemId: 'b', features: { year: 1996 } },
      { itemId: 'c', features: { year: 'V' } },
    ]);
    await send('users', [
      { userId: 'ada', features: { zip: 85711 } },
      { userId: 'bob', features: { zip: '05146' } },
    ]);
  });
  afterEach(() => service.close());

  it('are looked at when the job is posted: odd values are warnings that name field, example and count', async () => {
    const answer = await post({ model: 'movies', features: { items: true, users: ['zip'] } }).expect(202);
    expect(answer.body.warnings).toEqual([
      'features.items: features.year is a number, but for 1 of 3 items something else (such as "V" of item "c"), which counts as missing; send a number or nothing',
      'features.users: features.zip is a number for 1 of 2 users (such as 85711 of user "ada") and a text for others (such as "05146" of user "bob"): all of it is read as text',
    ]);
  });

  it('are refused at once where no item has the field, and say nothing where all is well', async () => {
    const answer = await post({ model: 'movies', features: { items: ['yeer'] } });
    expectProblem(
      answer,
      422,
      'invalid-job',
      /^features\.items names features\.yeer, of which no item says anything; there are: features\.year/,
    );
    const plain = await post({ model: 'movies' }).expect(202);
    expect(plain.body.warnings).toBeUndefined();
  });

  it('are vectors where lists of numbers have one length; others are warned of, and too long ones refused', async () => {
    const list = (length: number) => Array.from({ length }, (_, k) => k + 0.5);
    const rows = Array.from({ length: 12 }, (_, i) => ({
      itemId: `e${i}`,
      features: { embedding: [i, 0.5] },
    }));
    await send('items', [...rows, { itemId: 'short', features: { embedding: [1] } }]);
    const answer = await post({ model: 'movies', features: { items: ['embedding'] } }).expect(202);
    expect(answer.body.warnings).toEqual([
      'features.items: features.embedding is a list of 2 numbers for 12 items, but for 1 something else (such as [1] of item "short"), which counts as missing; send lists of one length, or nothing',
    ]);
    await send('items', [
      { itemId: 'l1', features: { long: list(2049) } },
      { itemId: 'l2', features: { long: list(2049) } },
    ]);
    expectProblem(
      await post({ model: 'movies', features: { items: ['long'] } }),
      422,
      'invalid-job',
      /^features\.items: features\.long is a list of 2049 numbers; a vector has 2048 at most/,
    );
  });

  it('are refused with the item where a number is none', async () => {
    const answer = await request(service.url)
      .put('/items/bad')
      .set('content-type', 'application/json')
      .send('{"features":{"embedding":[1,NaN]}}');
    expectProblem(answer, 400, 'malformed-json', /JSON/);
  });

  it('refuses to hide what is not trained on', async () => {
    expectProblem(
      await post({ model: 'movies', features: { users: true, training: false, hideUsers: 0.1 } }),
      422,
      'invalid-job',
      /features\.hideUsers is a part of training with features; leave it out, or features\.training/,
    );
    expectProblem(
      await post({ model: 'movies', features: { users: true, training: 'yes' } }),
      400,
      'invalid-request',
      /training/,
    );
  });
});
