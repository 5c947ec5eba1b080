import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { buildApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/app-type.ts';
import { inertDeps } from '../../src/http/docs/inert-deps.ts';

const SCOPES = ['read', 'ingest', 'train', 'admin'] as const;
type Scope = 'public' | (typeof SCOPES)[number];

/** Who may call what. Written by hand: a route that changes its scope must be changed here too. */
const ROUTES: Record<Scope, string[]> = {
  public: ['GET /', 'GET /openapi.json', 'GET /health/live', 'GET /health/ready'],
  read: [
    'GET /items',
    'GET /items/:itemId',
    'GET /jobs',
    'GET /jobs/:id/search',
    'GET /jobs/:id',
    'GET /jobs/:id/events',
    'GET /event-types',
    'GET /event-types/:type',
    'GET /jobs/:id/rejects',
    'POST /labels',
    'GET /metrics',
    'GET /models',
    'GET /models/:name',
    'GET /models/:name/aliases/:alias',
    'GET /models/:name/aliases/:alias/history',
    'GET /models/:name/compare',
    'GET /models/:name/online',
    'GET /models/:name/policy',
    'GET /models/:name/settings',
    'GET /models/:name/versions',
    'GET /models/:name/versions/:version',
    'GET /models/:name/versions/:version/files/:file',
    'GET /models/:name/versions/:version/lineage',
    'GET /models/:name/versions/:version/report',
    'GET /default-model',
    'GET /latest',
    'GET /popular',
    'GET /queue',
    'GET /trending',
    'POST /rank',
    'POST /recommend',
    'POST /recommend/batch',
    'POST /recommend/next',
    'GET /recommend/:userId',
    'GET /rules',
    'GET /rules/:id',
    'GET /schedules',
    'GET /schedules/:id',
    'GET /similar/:itemId',
    'GET /stats',
    'GET /teachers',
    'GET /teachers/:name',
    'GET /users',
    'GET /users/:userId',
    'GET /users/:userId/interactions',
    'GET /users/:userId/similar',
    'GET /workers',
  ],
  ingest: [
    'POST /imports',
    'POST /imports/preview',
    'POST /interactions',
    'DELETE /interactions',
    'POST /items',
    'PUT /items/:itemId',
    'PATCH /items/:itemId',
    'DELETE /items/:itemId',
    'DELETE /teachers/:name',
    'POST /users',
    'PUT /users/:userId',
    'PATCH /users/:userId',
    'DELETE /users/:userId',
    'POST /users/:userId/merge',
  ],
  train: [
    'POST /jobs',
    'POST /jobs/:id/cancel',
    'GET /jobs/:id/logs',
    'POST /jobs/:id/retry',
    'POST /jobs/plan',
    'PATCH /models/:name/versions/:version',
    'POST /schedules',
    'PATCH /schedules/:id',
    'DELETE /schedules/:id',
  ],
  admin: [
    'GET /admin/queue',
    'GET /admin/queue/*',
    'GET /deletions',
    'PUT /event-types/:type',
    'DELETE /event-types/:type',
    'GET /exports/all',
    'GET /exports/interactions',
    'GET /exports/items',
    'GET /exports/users',
    'PUT /models/:name/aliases/:alias',
    'DELETE /models/:name/aliases/:alias',
    'POST /models/:name/rollback',
    'DELETE /models/:name/versions/:version',
    'PATCH /models/:name/settings',
    'DELETE /models/:name',
    'PUT /default-model',
    'PUT /models/:name/policy',
    'DELETE /models/:name/policy',
    'DELETE /default-model',
    'POST /rules',
    'DELETE /rules/:id',
  ],
};

const hash = (key: string) => createHash('sha256').update(key).digest('hex');
/** One key for each scope, with the scope as its text. */
const apiKeys = parseApiKeys(SCOPES.map((scope) => `${hash(scope)}:${scope}`).join());

let app: App;
const registered = new Set<string>();
beforeAll(async () => {
  app = buildApp({ ...inertDeps(), apiKeys });
  app.addHook('onRoute', ({ method, url }) => {
    // Those of several methods refuse the methods that a path does not have.
    if (typeof method === 'string' && method !== 'HEAD') registered.add(`${method} ${url}`);
  });
  await app.ready();
});
afterAll(() => app.close());

const ask = async (method: string, url: string, key?: string) =>
  (
    await app.inject({
      method: method as 'GET',
      url: url.replace('/:version', '/1').replace(/:\w+|\*/g, 'x'),
      headers: { ...(key !== undefined && { 'x-api-key': key }) },
    })
  ).statusCode;

describe.each(Object.entries(ROUTES) as [Scope, string[]][])('the scope %s', (scope, routes) => {
  it.each(routes)('%s', async (route) => {
    const [method, url] = route.split(' ') as [string, string];
    // The head of an answer says something too, where there is one without the rest.
    for (const sent of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
      const status = await ask(sent, url);
      if (sent === 'HEAD' && status === 405) continue;
      expect(answer(status), `${sent} without a key`).toBe(scope === 'public' ? 'answered' : 401);
      for (const key of SCOPES) {
        const isAllowed = scope === 'public' || key === scope || key === 'admin';
        expect(answer(await ask(sent, url, key)), `${sent} with a key of ${key}`).toBe(
          isAllowed ? 'answered' : 403,
        );
      }
    }
  });
});

it('there is no route whose scope is not here', () => {
  const known = Object.values(ROUTES).flat();
  const others = [...registered].filter((route) => !known.includes(route) && !route.includes(' /docs'));
  expect(others).toEqual([]);
});

/** Nothing stands behind this app: whoever is let in gets an error of the app or of the request. */
function answer(status: number): number | 'answered' {
  return status === 401 || status === 403 ? status : 'answered';
}
