import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/processes.ts';
import { findFreePort, startService, type TestService } from '../helpers/service.ts';

const REDIS = /^\S*(redis|valkey)-server /;
const WORKER = /bin\/worker/;
const API = /bin\/api/;
/** A worker that was killed is missed soon; and nothing is trained, so TensorFlow need not be loaded. */
const QUICK = { LOST_WORKER_SECONDS: '2', TENSOR_BACKEND: 'cpu' };
const started: TestService[] = [];

const startQuick = (options: Parameters<typeof startService>[0] = {}) =>
  startService({ ...options, env: { ...QUICK, ...options.env } });

/** Until the end of the test. */
async function start(options?: Parameters<typeof startService>[0]): Promise<TestService> {
  const service = await startQuick(options);
  started.push(service);
  return service;
}

afterEach(async () => {
  for (const service of started.splice(0)) await service.dispose();
});

/** An import is the cheapest job: whether it succeeds does not matter here, only that it is taken. */
async function submitImport(service: TestService): Promise<number> {
  const { status } = await service.send(
    'POST',
    '/imports?kind=users&format=csv',
    'userId\nuser-1\n',
    'text/csv',
  );
  return status;
}

it('starts Redis, api and worker, leaves no process when it is stopped, and starts again on the same folder', async () => {
  const first = await start();
  for (const part of [REDIS, WORKER, API]) expect(isAlive(first.processOf(part).pid)).toBe(true);
  expect((await first.send('GET', '/health/ready')).body.queue).toBe('up');
  expect(await first.stop()).toBe(0);
  const second = await start({ dataDir: first.dataDir, port: first.port });
  // As Ctrl-C.
  expect(await second.stop('SIGINT')).toBe(0);
});

describe('a service that runs', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startQuick();
  });
  afterAll(() => service?.dispose());

  it('lives side by side with another one, which finds room for its socket although its path is long', async () => {
    const parent = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-'));
    const other = await start({ dataDir: path.join(parent, 'd'.repeat(90), 'e'.repeat(60)) });
    expect(await submitImport(service)).toBe(202);
    expect((await other.send('GET', '/jobs')).body.data).toEqual([]);
    expect(await submitImport(other)).toBe(202);
    await other.stop();
    rmSync(parent, { recursive: true });
  });

  it('goes on when another one is started on its folder, which ends and says why in one line', async () => {
    const second = await startQuick({ dataDir: service.dataDir, waitsUntilReady: false });
    expect(await second.exited).toBe(1);
    expect(second.output().trim()).toMatch(
      new RegExp(
        `^Another Stillhouse \\(process \\d+ on .+\\) uses ${service.dataDir}: stop it, or set another DATA_DIR and PORT.$`,
      ),
    );
    expect((await service.send('GET', '/health/ready')).status).toBe(200);
  });

  it('brings back each part that is killed with -9', async () => {
    for (const part of [REDIS, WORKER, API]) {
      const { pid } = service.processOf(part);
      process.kill(pid, 'SIGKILL');
      await eventually(`${part} is gone`, () => !isAlive(pid));
      await eventually(`${part} is back`, () =>
        service.processes().some(({ command }) => part.test(command)),
      );
      await eventually('jobs are taken', async () => (await submitImport(service).catch(() => 0)) === 202);
    }
    const noneQueued = async () => (await service.send('GET', '/jobs?state=queued')).body.data.length === 0;
    // A job whose worker was killed is missed after two seconds and put back within three more.
    await eventually('every job was taken', noneQueued, 45_000);
  });

  it('stops the Redis whose watch was killed with -9 before it starts another', async () => {
    const { pid } = service.processOf(REDIS);
    process.kill(service.processOf(/^\/bin\/sh /).pid, 'SIGKILL');
    // The service has lost sight of that server and starts a new one, which must not meet the old one.
    await eventually('the old Redis is gone', () => !isAlive(pid));
    await eventually('jobs are taken', async () => (await submitImport(service).catch(() => 0)) === 202);
  });
});

describe('what cannot work', () => {
  it('is said in one line when the port is in use, and nothing is left running', async () => {
    const port = await findFreePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    try {
      const service = await start({ port, waitsUntilReady: false });
      expect(await service.exited).toBe(1);
      expect(service.output().trim()).toBe(
        `Port ${port} of 127.0.0.1 is in use: stop what uses it, or set PORT.`,
      );
      expect(service.processes()).toEqual([]);
    } finally {
      squatter.close();
    }
  });

  it('ends the start when the api cannot start, with its reason', async () => {
    const service = await start({ env: { HOST: '0.0.0.0', API_KEYS: '' }, waitsUntilReady: false });
    expect(await service.exited).toBe(1);
    expect(service.output()).toContain('API_KEYS is empty');
    expect(service.processes()).toEqual([]);
  });
});

describe('kill -9', () => {
  it('of the whole takes all its processes along, and the next start takes over', async () => {
    const first = await start();
    await first.kill();
    const second = await start({ dataDir: first.dataDir, port: first.port });
    expect(await submitImport(second)).toBe(202);
  });

  it('of the program that started it, such as the demo, ends it in order', async () => {
    const service = await start({ hasChannel: true });
    await service.loseStarter();
    expect(await service.exited).toBe(0);
  });
});

it('takes over a lock that nobody can read', async () => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-'));
  writeFileSync(path.join(dataDir, 'stillhouse.lock'), 'garbage');
  const service = await start({ dataDir });
  expect(await service.stop()).toBe(0);
});
