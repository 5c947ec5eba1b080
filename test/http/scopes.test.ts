import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RouteScope, SCOPES, type Scope } from '../../src/domain/keys/scope.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { buildApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/app-type.ts';

import { inertDeps } from '../../src/http/docs/inert-deps.ts';

type Demand = 'public' | RouteScope;
/** Who may call a route with each demand, beside admin; written by hand like the routes. */
const MAY: Record<Exclude<Demand, 'ingest'>, readonly Scope[]> = {
  public: SCOPES,
  recommend: ['recommend', 'read'],
  session: ['recommend', 'events', 'write'],
  events: ['events', 'write'],
  read: ['read'],
  write: ['write'],
  train: ['train'],
  publish: ['publish'],
  admin: [],
  any: SCOPES,
};

/** Who may call what. Written by hand: a route that changes its scope must be changed here too. */
const ROUTES: Record<Exclude<Demand, 'ingest'>, string[]> = {
  public: [
    'GET /',
    'GET /console',
    'GET /console/',
    'GET /console/:file',
    'GET /openapi.json',
    'GET /health/live',
    'GET /health/ready',
  ],
  any: ['GET /whoami'],
  recommend: [
    'GET /latest',
    'GET /popular',
    'GET /trending',
    'POST /rank',
    'POST /recommend',
    'POST /recommend/next',
    'GET /recommend/:userId',
    'GET /similar/:itemId',
  ],
  session: ['POST /interactions'],
  events: ['POST /interactions/stream'],
  read: [
    'GET /answers',
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
    'GET /models/:name/aliases',
    'GET /models/:name/aliases/:alias',
    'GET /models/:name/aliases/:alias/history',
    'GET /models/:name/compare',
    'GET /models/:name/online',
    'GET /models/:name/policy',
    'GET /models/:name/settings',
    'GET /models/:name/traffic',
    'GET /models/:name/versions',
    'GET /models/:name/versions/:version',
    'GET /models/:name/versions/:version/files/:file',
    'GET /models/:name/versions/:version/lineage',
    'GET /models/:name/versions/:version/report',
    'GET /notices',
    'GET /models/:name/drift',
    'GET /default-model',
    'GET /queue',
    'POST /recommend/batch',
    'GET /rules',
    'GET /rules/:id',
    'GET /schedules',
    'GET /schedules/:id',
    'GET /stats',
    'GET /teachers',
    'GET /teachers/:name',
    'GET /users',
    'GET /users/:userId',
    'GET /users/:userId/interactions',
    'GET /users/:userId/similar',
    'GET /workers',
  ],
  write: [
    'POST /imports',
    'POST /imports/preview',
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
    'PUT /models/:name/drift',
    'POST /models/:name/drift/check',
    'DELETE /models/:name/drift',
    'POST /jobs/:id/cancel',
    'GET /jobs/:id/logs',
    'POST /jobs/:id/retry',
    'POST /jobs/plan',
    'PATCH /models/:name/versions/:version',
    'POST /schedules',
    'PATCH /schedules/:id',
    'DELETE /schedules/:id',
  ],
  publish: [
    'PUT /models/:name/aliases/:alias',
    'DELETE /models/:name/aliases/:alias',
    'POST /models/:name/rollback',
    'PUT /default-model',
    'DELETE /default-model',
  ],
  admin: [
    'GET /audit',
    'GET /settings',
    'GET /keys',
    'POST /keys',
    'POST /keys/:id/rotate',
    'DELETE /keys/:id',
    'GET /admin/queue',
    'GET /admin/queue/*',
    'GET /deletions',
    'PUT /event-types/:type',
    'DELETE /event-types/:type',
    'GET /exports/all',
    'GET /exports/interactions',
    'GET /exports/items',
    'GET /exports/users',
    'DELETE /models/:name/versions/:version',
    'PATCH /models/:name/settings',
    'DELETE /models/:name',
    'PUT /models/:name/policy',
    'DELETE /models/:name/policy',
    'PUT /models/:name/traffic',
    'DELETE /models/:name/traffic',
    'POST /webhooks',
    'GET /webhooks',
    'GET /webhooks/:id',
    'PATCH /webhooks/:id',
    'DELETE /webhooks/:id',
    'POST /webhooks/:id/test',
    'GET /webhooks/:id/deliveries',
    'POST /webhooks/:id/deliveries/:deliveryId/retry',
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
  // A late event loop, as in a full suite, is not what is asked about.
  app = buildApp({ ...inertDeps(), now: Date.now, apiKeys, limits: { loopDelayMs: 0 } });
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

const demands = Object.entries(ROUTES).filter(([, routes]) => routes.length > 0);
describe.each(demands as [keyof typeof ROUTES, string[]][])('the scope %s', (scope, routes) => {
  it.each(routes)('%s', async (route) => {
    const [method, url] = route.split(' ') as [string, string];
    // The head of an answer says something too, where there is one without the rest.
    for (const sent of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
      const status = await ask(sent, url);
      if (sent === 'HEAD' && status === 405) continue;
      expect(answer(status), `${sent} without a key`).toBe(scope === 'public' ? 'answered' : 401);
      for (const key of SCOPES) {
        const isAllowed = MAY[scope].includes(key) || key === 'admin';
        expect(answer(await ask(sent, url, key)), `${sent} with a key of ${key}`).toBe(
          isAllowed ? 'answered' : 403,
        );
      }
    }
  });
});

it('there is no route whose scope is not here', () => {
  const known = Object.values(ROUTES).flat();
  const others = [...registered].filter(
    (route) => !known.includes(route) && !route.includes(' /docs') && route !== 'OPTIONS *',
  );
  expect(others).toEqual([]);
});

/** Nothing stands behind this app: whoever is let in gets an error of the app or of the request. */
function answer(status: number): number | 'answered' {
  return status === 401 || status === 403 ? status : 'answered';
}
