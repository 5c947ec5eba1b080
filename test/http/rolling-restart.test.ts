import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStore } from '../../src/store/create-store.ts';
import { liveIn } from '../backup/lived-in-store.ts';
import { eventually } from '../helpers/eventually.ts';
import { LONG_MS } from '../helpers/service.ts';

const API = fileURLToPath(new URL('../../dist/bin/api.js', import.meta.url));
const LOOKS_MS = 50;
const CLIENTS = 8;

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-rolling-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** One api behind the balancer below: restarted, it is another process at another port. */
interface Replica {
  url: string;
  child: ChildProcess;
  isReady: boolean;
  agent: Agent;
  answered: number;
}

async function start(): Promise<Replica> {
  const env = { PATH: process.env.PATH ?? '', DATA_DIR: folder, PORT: '0', LEAVE_SECONDS: '1' };
  const child = spawn(process.execPath, [API], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const line = await eventually(
    'the api is ready',
    () => out.split('\n').find((text) => text.includes('"msg":"ready"')),
    LONG_MS,
  );
  const { address } = JSON.parse(line) as { address: string };
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  return { url: address, child, isReady: true, agent, answered: 0 };
}

function get({ url, agent }: Replica, route: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${route}`, { agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode!));
    });
    sent.once('error', reject).end();
  });
}

it('two replicas are restarted in turn under load, and no request fails', async () => {
  const store = await createStore(`sqlite:${path.join(folder, 'stillhouse.db')}`);
  await liveIn(store);
  await store.close();
  const replicas = [await start(), await start()];
  const isOver = new AbortController();
  const failures: string[] = [];

  // Looks who is ready, as a load balancer does.
  const looking = (async () => {
    while (!isOver.signal.aborted) {
      for (const replica of replicas) {
        replica.isReady = await get(replica, '/health/ready').then(
          (status) => status === 200,
          () => false,
        );
      }
      await sleep(LOOKS_MS);
    }
  })();
  const clients = Array.from({ length: CLIENTS }, async (_none, client) => {
    for (let i = client; !isOver.signal.aborted; i++) {
      const ready = replicas.filter(({ isReady }) => isReady);
      const replica = ready[i % ready.length];
      if (!replica) {
        failures.push('nobody is ready');
        await sleep(LOOKS_MS);
        continue;
      }
      const status = await get(replica, '/recommend/ann').catch((error: Error) => error.message);
      if (status === 200) replica.answered++;
      else failures.push(String(status));
    }
  });

  for (const place of [0, 1]) {
    const leaving = replicas[place]!;
    await eventually('both answer', () => replicas.every(({ answered }) => answered > 20), LONG_MS);
    leaving.child.kill('SIGTERM');
    const [code] = await once(leaving.child, 'exit');
    expect(code).toBe(0);
    leaving.agent.destroy();
    replicas[place] = await start();
  }
  await eventually('both answer', () => replicas.every(({ answered }) => answered > 20), LONG_MS);
  isOver.abort();
  await Promise.all([looking, ...clients]);
  for (const { agent } of replicas) agent.destroy();
  expect(failures).toEqual([]);
});
