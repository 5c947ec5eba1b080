import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServers } from '../helpers/redis-servers.ts';
import { startService } from '../helpers/service.ts';
import { createWorkerBench, type WorkerBench } from '../helpers/worker.ts';

const PASSWORD = 'a pass/word@of:Redis';
/** As docs/scale.md says. */
const MAY = ['+@all', '-@admin', '-@dangerous', '+info', '+client'];
const login = (user = '') => `${user}:${encodeURIComponent(PASSWORD)}@`;
const pem = (name: string) => path.join(import.meta.dirname, 'tls', name);

const servers = createRedisServers();
let bench: WorkerBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});
afterAll(() => servers.close());

async function runJob(id: string): Promise<void> {
  await eventually(`${id} is on the queue`, () =>
    bench!.submit(id, 'ok').then(
      () => true,
      async () => void (await bench!.store.jobs.remove(id)),
    ),
  );
  await bench!.untilState(id, 'succeeded');
  expect(bench!.runs(id).map(({ what }) => what)).toEqual(['start', 'done']);
}

/** TLS in front of a server that has none. @returns its port */
async function startTls(port: number): Promise<number> {
  const proxy = tls.createServer(
    { key: readFileSync(pem('key.pem')), cert: readFileSync(pem('cert.pem')) },
    (client) => {
      const server = net.connect(port, '127.0.0.1');
      client.pipe(server).pipe(client);
      for (const end of [client, server]) {
        end.on('error', () => {});
        end.on('close', () => [client, server].map((each) => each.destroy()));
      }
    },
  );
  proxy.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  return (proxy.address() as net.AddressInfo).port;
}

it('TLS with a user of an ACL: an api trusts the certificate that it was given, and says why not without', async () => {
  const redis = await servers.start({ requirepass: PASSWORD.replaceAll(' ', '-') });
  await redis.client.acl(
    'SETUSER',
    'stillhouse',
    'on',
    'resetchannels',
    `>${PASSWORD}`,
    '~far:*',
    '&far:*',
    ...MAY,
  );
  const port = await startTls(redis.port);
  const env = { REDIS_URL: `rediss://${login('stillhouse')}localhost:${port}`, REDIS_PREFIX: 'far' };
  const trusting = await startService({
    program: 'api',
    env: { ...env, NODE_EXTRA_CA_CERTS: pem('cert.pem') },
  });
  onTestFinished(() => trusting.dispose());
  expect((await trusting.send('GET', '/health/ready')).body).toMatchObject({ queue: 'up', warnings: [] });

  const wary = await startService({ program: 'api', env });
  onTestFinished(() => wary.dispose());
  expect((await wary.send('GET', '/health/ready')).body).toMatchObject({
    queue: 'down',
    warnings: [expect.stringContaining('recommendations go on')],
  });
  expect(wary.output()).toContain('self-signed certificate');
  expect(wary.output()).not.toContain(encodeURIComponent(PASSWORD));
  expect(wary.output()).not.toContain(PASSWORD);

  bench = await createWorkerBench(`redis://${login('stillhouse')}127.0.0.1:${redis.port}`, { prefix: 'far' });
  await runJob('job_a');
});

it('Sentinel: jobs run on the master that it names, and on the next one when that was killed', async () => {
  const password = 'secret';
  const auth = { requirepass: password, masterauth: password };
  const master = await servers.start(auth);
  const replica = await servers.start({ ...auth, replicaof: `127.0.0.1 ${master.port}` });
  await eventually('the replica follows', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  const sentinel = await servers.start(
    {},
    () =>
      `sentinel monitor stillhouse 127.0.0.1 ${master.port} 1\nsentinel auth-pass stillhouse ${password}\n` +
      'sentinel down-after-milliseconds stillhouse 500\nsentinel failover-timeout stillhouse 3000\n',
  );
  await eventually('the sentinel knows the replica', async () =>
    String(await sentinel.client.call('SENTINEL', 'replicas', 'stillhouse')).includes(String(replica.port)),
  );
  bench = await createWorkerBench(`redis+sentinel://:${password}@127.0.0.1:${sentinel.port}/stillhouse`);
  await runJob('job_before');
  expect((await master.client.keys('bench-*')).length).toBeGreaterThan(0);
  await master.kill();
  await runJob('job_after');
  expect((await replica.client.info('replication')).includes('role:master')).toBe(true);
});

it('Cluster: all keys of the queues lie in one slot, and jobs run', async () => {
  const nodes = await Promise.all(
    [0, 1, 2].map(() => servers.start({ 'cluster-enabled': 'yes', 'cluster-node-timeout': '3000' })),
  );
  const share = Math.ceil(16_384 / nodes.length);
  for (const [i, { client }] of nodes.entries()) {
    const slots = Array.from({ length: share }, (_, j) => i * share + j).filter((slot) => slot < 16_384);
    await client.cluster('ADDSLOTS', ...slots);
    await client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]!.port);
  }
  for (const { client } of nodes) {
    await eventually('the cluster is whole', async () =>
      String(await client.cluster('INFO')).includes('cluster_state:ok'),
    );
  }
  bench = await createWorkerBench(`redis+cluster://127.0.0.1:${nodes[1]!.port},127.0.0.1:${nodes[2]!.port}`, {
    prefix: 'far',
  });
  await runJob('job_a');
  const { memory, signals } = bench.producer;
  await memory.set(
    [
      ['a', 'one'],
      ['b', 'two'],
    ],
    60_000,
  );
  expect([await memory.get('a'), await memory.get('b')]).toEqual(['one', 'two']);
  const heard: string[] = [];
  signals.subscribe(({ kind }) => heard.push(kind));
  await signals.publish({ kind: 'items' });
  await eventually('the signal', () => heard.includes('items'));
  const keys = (await Promise.all(nodes.map(({ client }) => client.keys('*')))).filter(
    (found) => found.length > 0,
  );
  expect(keys).toHaveLength(1);
  expect(keys[0]!.every((key) => key.startsWith('{far}:'))).toBe(true);
});
