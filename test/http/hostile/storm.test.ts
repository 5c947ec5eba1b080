import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseApiKeys } from '../../../src/http/api-keys.ts';
import { startLiveService } from '../live-service.ts';
import { openDocument } from '../open-api.ts';
import { operationsOf } from './requests.ts';
import { raiseStorm, type Storm } from './storm.ts';

const file = path.resolve(import.meta.dirname, '../../../openapi/openapi.json');
const opened = openDocument(JSON.parse(readFileSync(file, 'utf8')));
const operations = operationsOf(opened.document).length;
const known = {
  userId: ['u', 'nobody'],
  itemId: ['item-3', 'item-9', 'none'],
  name: ['movies', 'films'],
  version: ['1', '2', 'stable'],
  alias: ['stable', 'candidate'],
  type: ['click', 'view'],
};

const whole = (storm: Pick<Storm, 'url' | 'seed' | 'requests' | 'keys'>) =>
  raiseStorm({ opened, known, patienceMs: 60_000, ...storm });

/** The short form of npm run fuzz, which asks all processes and ten thousand times. */
it('answers hostile requests to every route as the document says, and stays', async () => {
  const service = await startLiveService();
  const { faults, counts } = await whole({ url: service.url, seed: 1, requests: 3 * operations });
  expect(faults).toEqual([]);
  expect([...counts.keys()].filter((what) => / 2\d\d$/.test(what)).length).toBeGreaterThan(20);
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  await service.close();
});

it('does so with keys of every kind, a wrong one and none', async () => {
  const hash = (key: string) => createHash('sha256').update(key).digest('hex');
  const scopes = { admin: 'admin', few: 'recommend+events' };
  const setting = Object.entries(scopes).map(([key, granted]) => `${hash(key)}:${granted}`);
  const service = await startLiveService(undefined, undefined, { apiKeys: parseApiKeys(setting.join()) });
  const keys = ['admin', 'few', 'wrong', undefined];
  const { faults, counts } = await whole({ url: service.url, seed: 2, requests: 4 * operations, keys });
  expect(faults).toEqual([]);
  const statuses = new Set([...counts.keys()].map((what) => what.split(' ').at(-1)));
  expect([...statuses]).toEqual(expect.arrayContaining(['200', '400', '401', '403', '404']));
  await service.close();
});
