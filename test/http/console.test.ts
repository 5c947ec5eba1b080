import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { type Service, startService } from './service.ts';

const MOST_BYTES = 150 * 1024;
const hash = (key: string) => createHash('sha256').update(key).digest('hex');

let service: Service;
let page: string;
beforeAll(async () => {
  service = await startService({
    apiKeys: parseApiKeys(`${hash('looks')}:read,${hash('rules')}:admin,${hash('trains')}:train`),
    settings: [
      { name: 'PORT', value: '3000', isSet: false, isSecret: false, description: 'Port to listen on.' },
    ],
  });
  page = (await request(service.url).get('/console/').expect(200)).text;
});
afterAll(() => service.close());

const filesOf = (text: string) =>
  [...text.matchAll(/(?:href|src)="(console-[^"]+)"/g)].map(([, name]) => name!);

describe('the console as files', () => {
  it('is led to by the root and by its name without a slash, both relative for the sake of proxies', async () => {
    for (const path of ['/', '/console']) {
      const answer = await request(service.url).get(path).expect(302);
      expect(answer.headers.location).toBe('./console/');
    }
  });

  it('needs no key, has a policy without exceptions, and no address with a slash at its beginning', async () => {
    const { headers } = await request(service.url).get('/console/').expect(200);
    const policy = headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|script-src|style-src|\*/);
    expect(headers['cache-control']).toBe('no-cache');
    expect(page).not.toMatch(/(?:href|src)="\//);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(page).not.toMatch(/<style|style=|<script>/);
  });

  it('is known again by its ETag', async () => {
    const { headers } = await request(service.url).get('/console/').expect(200);
    await request(service.url).get('/console/').set('if-none-match', headers.etag!).expect(304);
  });

  it('has a script and a style sheet that are kept for ever, and sent packed', async () => {
    expect(filesOf(page)).toHaveLength(2);
    for (const file of filesOf(page)) {
      const { headers } = await request(service.url)
        .get(`/console/${file}`)
        .set('accept-encoding', 'br, gzip')
        .expect(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(headers['content-encoding']).toBe('br');
      expect(headers['content-type']).toBe(
        `text/${file.endsWith('.js') ? 'javascript' : 'css'}; charset=utf-8`,
      );
    }
  });

  it(`takes less than ${MOST_BYTES / 1024} KB, packed by gzip`, async () => {
    const texts = await Promise.all(
      filesOf(page).map(async (file) => {
        const { body, text } = await request(service.url).get(`/console/${file}`).buffer(true).expect(200);
        return text ?? String(body);
      }),
    );
    const bytes = [page, ...texts].map((text) => gzipSync(text).length).reduce((a, b) => a + b, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it.each(['console-AAAAAAAA.js', 'index.html', '..%2f..%2fpackage.json', 'console-A.map'])(
    'has no file %s',
    async (file) => {
      const { body } = await request(service.url).get(`/console/${file}`).expect(404);
      expect(body.detail).toContain('load /console/ again');
    },
  );
});

describe('what the console asks beside what others ask', () => {
  const as = (key: string, path: string) => request(service.url).get(path).set('x-api-key', key);

  it('is what a key may do, whatever that is', async () => {
    expect((await as('trains', '/whoami').expect(200)).body).toEqual({
      keysAreAsked: true,
      key: { id: hash('trains').slice(0, 12), name: 'API_KEYS entry 3', scopes: ['train'] },
    });
    await request(service.url).get('/whoami').expect(401);
    await as('wrong', '/whoami').expect(401);
    await as('looks', '/whoami?verbose=1').expect(400);
  });

  it('is what was answered since the start, by source', async () => {
    expect((await as('looks', '/answers').expect(200)).body.data).toEqual([]);
    await as('looks', '/recommend/somebody').expect(200);
    await as('looks', '/recommend/nobody').expect(200);
    const { body } = await as('looks', '/answers').expect(200);
    expect(body.data).toEqual([
      expect.objectContaining({ model: null, version: null, source: 'popularity', count: 2 }),
    ]);
    expect(Date.parse(body.since)).toBeLessThanOrEqual(Date.now());
    await as('trains', '/answers').expect(403);
  });

  it('is the settings, for whoever may do everything', async () => {
    expect((await as('rules', '/settings').expect(200)).body.data).toHaveLength(1);
    await as('looks', '/settings').expect(403);
    await as('rules', '/settings?name=PORT').expect(400);
  });
});
