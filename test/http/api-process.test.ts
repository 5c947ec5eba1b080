import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStore } from '../../src/store/create-store.ts';
import { eventually } from '../helpers/eventually.ts';
import { LONG_MS } from '../helpers/service.ts';
import { followEvents } from './follow-events.ts';
import { expectProblem } from './problem.ts';

const API = fileURLToPath(new URL('../../dist/bin/api.js', import.meta.url));
const RECORDER = new URL('./record-modules.mjs', import.meta.url).href;
/** Nobody listens on the discard port. */
const NO_REDIS = 'redis://127.0.0.1:9';
const CSV = 'userId,itemId\na,b\n';

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-api-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function startApi(env: Record<string, string>, nodeArguments: string[] = []) {
  const child = spawn(process.execPath, [...nodeArguments, API], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: folder, PORT: '0', ...env },
  });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  return { child, output, exit: once(child, 'exit') as Promise<[number | null]> };
}

async function readyApi(env: Record<string, string> = {}, nodeArguments: string[] = []) {
  const api = startApi(env, nodeArguments);
  const line = await eventually(
    'the api is ready',
    () => {
      if (api.child.exitCode !== null) throw new Error(`the api ended: ${api.output.err}`);
      return api.output.out.split('\n').find((text) => text.includes('"msg":"ready"'));
    },
    LONG_MS,
  );
  return { ...api, url: (JSON.parse(line) as { address: string }).address };
}

/** Loaded files, and for those of dist the sources that they were bundled from. */
async function inBundles(modules: string): Promise<string> {
  const files = modules.split('\n').filter((file) => file.includes('/dist/'));
  const texts = await Promise.all(files.map((file) => readFile(file.replace('file://', ''), 'utf8')));
  const sources = texts.flatMap((text) => text.match(/^\s*\/\/ (node_modules|src)\/\S+$/gm) ?? []);
  expect(sources.length).toBeGreaterThan(500);
  return [modules, ...sources].join('\n');
}

describe('the api process', () => {
  it('answers recommendations and loads no TensorFlow', async () => {
    const file = path.join(folder, 'modules.txt');
    const api = await readyApi({ RECORD_MODULES: file, REDIS_URL: NO_REDIS }, ['--import', RECORDER]);
    const interactions = [{ userId: 'ann', itemId: 'film-7', type: 'click' }];
    await request(api.url).post('/interactions').send({ interactions }).expect(200);
    const answer = await request(api.url).get('/recommend/bob').expect(200);
    expect(answer.body).toMatchObject({ source: 'popularity', items: [{ itemId: 'film-7' }] });
    await request(api.url).get('/docs').redirects(2).expect(200);
    api.child.kill('SIGTERM');
    expect((await api.exit)[0]).toBe(0);
    const modules = await inBundles(await readFile(file, 'utf8'));
    expect(modules).toMatch(/node_modules\/fastify\//);
    expect(modules).toMatch(/src\/serving\//);
    // Traces are off: nothing of them is loaded but what asks whether they are on. The metrics load OpenTelemetry's interfaces.
    expect(modules).toMatch(/src\/tracing\/start/);
    expect(modules).not.toMatch(/@opentelemetry\/(?!api\/)|src\/tracing\/(otel|sampling)/);
    expect(modules).not.toMatch(/@tensorflow|src\/(tensor|teacher|student|distillation|training)\//);
  });

  it('serves without Redis, and says 503 where it needs it', async () => {
    for (const env of [{ REDIS_URL: NO_REDIS }, {}]) {
      const api = await readyApi(env as Record<string, string>);
      await request(api.url).get('/recommend/u').expect(200);
      const ready = await request(api.url).get('/health/ready').expect(200);
      expect(ready.body).toMatchObject({ status: 'ready', queue: 'down' });
      const refused = await request(api.url).post('/imports?kind=interactions&format=csv').send(CSV);
      expectProblem(refused, 503, 'queue-unavailable', /queue/);
      expect((await request(api.url).get('/jobs').expect(200)).body.data).toEqual([]);
      api.child.kill('SIGINT');
      expect((await api.exit)[0]).toBe(0);
    }
  });

  it('ends on SIGTERM at once, although somebody listens to a job', async () => {
    const api = await readyApi();
    const store = await createStore(`sqlite:${path.join(folder, 'stillhouse.db')}`);
    await store.jobs.create({ id: 'job_1', type: 'distillation', model: 'm', spec: { model: 'm' } });
    await store.close();
    const stream = await followEvents(api.url, 'job_1');
    await eventually('the first event', () => stream.events.length === 1);
    const started = Date.now();
    api.child.kill('SIGTERM');
    expect((await api.exit)[0]).toBe(0);
    // After ten seconds it would end by itself.
    expect(Date.now() - started).toBeLessThan(9000);
    await stream.ended;
  });

  it.each([
    [
      { HOST: '0.0.0.0' },
      /HOST=0\.0\.0\.0 is open to others, but API_KEYS is empty\. Set API_KEYS=.* or HOST=127\.0\.0\.1/,
    ],
    [{ API_KEYS: 'my-secret' }, /^API_KEYS entry 1 must be sha256hex:scope/],
    [{ PORT: 'eighty' }, /PORT/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL/],
  ])('does not start with %j, and says why in one line', async (env, message) => {
    const api = startApi(env as unknown as Record<string, string>);
    expect((await api.exit)[0]).toBe(1);
    expect(api.output.err).toMatch(message);
    expect(api.output.err.trim()).not.toContain('\n');
    expect(api.output.err).not.toContain('my-secret');
  });

  it('has written its whole log when it ends', async () => {
    const api = await readyApi({ REDIS_URL: NO_REDIS });
    for (let i = 0; i < 50; i++) await request(api.url).get('/stats');
    const answers = Promise.all(Array.from({ length: 50 }, () => request(api.url).get('/stats')));
    await answers;
    api.child.kill('SIGTERM');
    expect((await api.exit)[0]).toBe(0);
    const lines = api.output.out.trim().split('\n');
    expect(lines.filter((line) => JSON.parse(line).msg === 'request')).toHaveLength(100);
    expect(lines.at(-1)).toContain('"closing"');
  });

  it('says in one line that the port is taken', async () => {
    const first = await readyApi();
    const second = startApi({ PORT: new URL(first.url).port });
    expect((await second.exit)[0]).toBe(1);
    expect(second.output.err).toMatch(/EADDRINUSE|in use/);
  });
});
