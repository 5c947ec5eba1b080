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
});
