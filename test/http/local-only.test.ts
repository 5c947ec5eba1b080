import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { expectProblem } from './problem.ts';
import { rawRequest } from './raw-request.ts';
import { type Service, startService } from './service.ts';

let open: Service;
let keyed: Service;
beforeAll(async () => {
  open = await startService();
  const hash = createHash('sha256').update('secret').digest('hex');
  keyed = await startService({ apiKeys: parseApiKeys(`${hash}:admin`) });
});
afterAll(async () => {
  await open.close();
  await keyed.close();
});

const POST = {
  method: 'POST',
  path: '/interactions',
  body: JSON.stringify({ interactions: [{ userId: 'u', itemId: 'i', type: 'click' }] }),
  headers: { 'content-type': 'application/json' },
};
const GET = { method: 'GET', path: '/recommend/u', body: '', headers: {} };

async function send(service: Service, { method, path, body, headers }: typeof POST | typeof GET, more = {}) {
  const answer = await rawRequest(service.url, method, path, { body, headers: { ...headers, ...more } });
  return { ...answer, body: JSON.parse(answer.text || '{}') as Record<string, unknown> };
}

const own = () => new URL(open.url).host;

describe('without API keys, the name in Host', () => {
  it.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST:3000',
    'films.localhost:3000',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]:3000',
  ])('%s is this machine', async (host) => {
    expect((await send(open, GET, { host })).status).toBe(200);
  });

  it.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'notlocalhost',
    '127.0.0.1.evil.example',
    '192.168.1.5:3000',
    '0.0.0.0:3000',
    '[::2]:3000',
    'localhost@evil.example',
    '127.0.0.1:x',
  ])('%s could be a page that had its own name point here', async (host) => {
    const answer = await send(open, GET, { host });
    expectProblem(answer, 403, 'not-local', /Host .*localhost.*API_KEYS/);
  });

  it('holds for every path, also for those that are not there', async () => {
    for (const path of [
      '/',
      '/docs',
      '/docs/json',
      '/openapi.json',
      '/health/ready',
      '/metrics',
      '/nosuch',
    ]) {
      const answer = await send(open, { ...GET, path }, { host: 'evil.example' });
      expectProblem(answer, 403, 'not-local', /Host/);
    }
  });
});

describe('without API keys, a page of another site', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'http://localhost:9999' }],
    [{ origin: 'null' }],
    [{ origin: 'not a url' }],
  ])('may not post: %o', async (headers) => {
    const answer = await send(open, POST, headers);
    expectProblem(answer, 403, 'not-local', /another site/);
    const { rows } = await open.store.interactions.list('u', 10);
    expect(rows).toEqual([]);
  });

  it('may not read, nor show this in a frame', async () => {
    const reading = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'script',
    };
    expect((await send(open, GET, reading)).status).toBe(403);
    const frame = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'iframe',
    };
    expect((await send(open, GET, frame)).status).toBe(403);
  });

  it('may link here', async () => {
    const link = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await send(open, GET, link)).status).toBe(200);
  });
});

describe('what goes on', () => {
  it('answers its own page and an address typed by hand', async () => {
    const page = { origin: `http://${own()}`, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
    expect((await send(open, POST, page)).status).toBe(200);
    expect((await send(open, GET, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).status).toBe(
      200,
    );
  });

  it('leaves it to the keys where there are some', async () => {
    const foreign = { host: 'api.example', 'sec-fetch-site': 'cross-site', origin: 'https://shop.example' };
    expect((await send(keyed, POST, { ...foreign, 'x-api-key': 'secret' })).status).toBe(200);
    expect((await send(keyed, POST, foreign)).status).toBe(401);
  });
});
