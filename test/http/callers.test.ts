import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { item } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
afterEach(() => service?.close());

const sha = (key: string) => createHash('sha256').update(key).digest('hex');
const apiKeys = parseApiKeys(`${sha('one')}:admin,${sha('two')}:read`);
const get = (path: string, key?: string) => {
  const asked = request(service.url).get(path);
  return key === undefined ? asked : asked.set('x-api-key', key);
};

describe('a rate', () => {
  it('is counted per key, told in headers, and answered 429 with Retry-After beyond it', async () => {
    let time = 0;
    service = await startService({ apiKeys, now: () => time, limits: { ratePerMinute: 2 } });
    const first = await get('/models', 'one').expect(200);
    expect(first.headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '60',
    });
    await get('/models', 'one').expect(200);
    time = 20_000;
    const third = await get('/models', 'one');
    expectProblem(third, 429, 'rate-limited', /RATE_LIMIT_PER_MINUTE\); try again in 40 seconds/);
    expect(third.headers).toMatchObject({ 'retry-after': '40', 'ratelimit-remaining': '0' });
    await get('/models', 'two').expect(200);
    await get('/health/live').expect(200);
    time = 60_000;
    await get('/models', 'one').expect(200);
  });

  it('is counted for all processes together, and here while nobody answers', async () => {
    let [shared, isAway] = [0, false];
    const sharedCounts = { count: async () => (isAway ? null : { current: ++shared, ttl: 1_000 }) };
    service = await startService({ apiKeys, sharedCounts, limits: { ratePerMinute: 3 } });
    shared = 2;
    await get('/models', 'one').expect(200);
    await get('/models', 'one').expect(429);
    isAway = true;
    for (const status of [200, 200, 200, 429]) await get('/models', 'one').expect(status);
  });

  it('is not there without the setting', async () => {
    service = await startService({ apiKeys });
    const { headers } = await get('/models', 'one').expect(200);
    expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
  });
});

it('wrong keys of an address are slowed, right ones of it are not', async () => {
  let time = 0;
  service = await startService({ apiKeys, now: () => time, limits: { wrongKeysPerMinute: 2 } });
  for (let i = 0; i < 2; i++) await get('/models', 'wrong').expect(401);
  const refused = await get('/models', 'wrong');
  expectProblem(refused, 429, 'rate-limited', /WRONG_KEYS_PER_MINUTE/);
  expect(refused.headers['retry-after']).toBe('60');
  await get('/models', 'one').expect(200);
  await get('/models').expect(401);
  time = 60_000;
  await get('/models', 'wrong').expect(401);
});

describe('a browser', () => {
  const ORIGIN = 'https://shop.example';

  it('may ask for pages of allowed origins, and of no other', async () => {
    service = await startService({ apiKeys, limits: { corsOrigins: [ORIGIN] } });
    const preflight = (origin: string) =>
      request(service.url).options('/recommend/ann').set({
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-api-key',
      });
    const allowed = await preflight(ORIGIN);
    expect(allowed.status).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(allowed.headers['access-control-allow-headers']).toContain('x-api-key');
    expect((await preflight('https://other.example')).headers['access-control-allow-origin']).toBeUndefined();
    const answer = await get('/models', 'one').set('origin', ORIGIN).expect(200);
    expect(answer.headers['access-control-allow-origin']).toBe(ORIGIN);
    await request(service.url).put('/recommend/ann').expect(405);
    await get('/nowhere', 'one').expect(404);
  });

  it('is told by no origin list that it may not', async () => {
    service = await startService({ apiKeys });
    const answer = await get('/models', 'one').set('origin', ORIGIN).expect(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('runs nothing on our pages that is not from here', async () => {
    service = await startService();
    for (const path of ['/docs/', '/models', '/nowhere']) {
      const { headers } = await get(path);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    const page = (await get('/docs/').expect(200)).text;
    for (const [, inline] of page.matchAll(/<(?:script|style)(?![^>]*src=)[^>]*>([^<]*)</g))
      expect(inline!.trim()).toBe('');
    expect(page).not.toMatch(/(src|href)="https?:/);
  });
});

it('large answers are compressed for who takes that', async () => {
  service = await startService();
  const large = item('film-1', { features: { text: 'word '.repeat(2_000) } });
  await service.store.catalogue.putItems([large, item('film-2')]);
  const raw = (path: string) =>
    get(path)
      .set('accept-encoding', 'gzip')
      .buffer(true)
      .parse((response, done) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts)));
      });
  const { headers, body } = await raw('/items/film-1').expect(200);
  expect(headers['content-encoding']).toBe('gzip');
  expect(headers.vary).toContain('accept-encoding');
  // superagent unpacks what it is sent.
  const text = body[0] === 0x1f ? gunzipSync(body).toString() : body.toString();
  expect(JSON.parse(text).features.text).toBe(large.features.text);
  expect((await raw('/items/film-2').expect(200)).headers['content-encoding']).toBeUndefined();
});

it('items have an ETag that changes with them', async () => {
  service = await startService();
  await service.store.catalogue.putItems([item('film-1', { title: 'One' })]);
  const { headers } = await get('/items/film-1').expect(200);
  const again = () => get('/items/film-1').set('if-none-match', `"other", ${headers.etag}`);
  const known = await again().expect(304);
  expect(known.text).toBe('');
  await service.store.catalogue.putItems([item('film-1', { title: 'Two' })]);
  expect((await again().expect(200)).body.title).toBe('Two');
});

describe('a proxy', () => {
  it('that is not known is not let in without keys, by the name of its header', async () => {
    service = await startService();
    for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])
      expectProblem(
        await get('/models').set(name, 'x'),
        403,
        'not-local',
        new RegExp(`has the header ${name}`),
      );
    await get('/models').expect(200);
  });

  it('that is trusted says who asks; others do not', async () => {
    const limits = { ratePerMinute: 1 };
    service = await startService({
      apiKeys,
      limits: { ...limits, trustProxy: ['loopback'], wrongKeysPerMinute: 1 },
    });
    const wrong = (address: string) => get('/models', 'wrong').set('x-forwarded-for', address);
    await wrong('203.0.113.1').expect(401);
    await wrong('203.0.113.1').expect(429);
    await wrong('203.0.113.2').expect(401);
    await service.close();
    service = await startService({ apiKeys, limits: { wrongKeysPerMinute: 1 } });
    await wrong('203.0.113.1').expect(401);
    await wrong('203.0.113.2').expect(429);
  });
});
