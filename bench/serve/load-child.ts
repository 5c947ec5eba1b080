// A process of its own, so that asking takes no time from answering. Started by load.ts with one order as argument.
import autocannon from 'autocannon';
import { createRng } from '../../src/core/rng.ts';
import type { LoadOrder, LoadResult } from './load.ts';
import { itemName, userName } from './population.ts';

const order = JSON.parse(process.argv[2]!) as LoadOrder;
const REQUESTS = 4000;
const rng = createRng(order.seed);
const times: number[] = [];
const statuses: Record<string, number> = {};
let first = 0;
let last = 0;
let connection = 0;

const run = autocannon({
  url: order.url,
  connections: order.connections,
  duration: order.seconds,
  ...(order.perSecond !== undefined && { overallRate: order.perSecond }),
  ...(order.isOnceEach && { amount: order.users }),
  setupClient(client) {
    client.setRequests(order.isOnceEach ? ownUsers(connection++) : randomRequests());
    client.on('response', (status, _bytes, ms) => {
      last = performance.now();
      first ||= last - ms;
      times.push(ms);
      if (status !== 200) statuses[status] = (statuses[status] ?? 0) + 1;
    });
  },
});
const { errors, timeouts } = await run;
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
const failed = errors + timeouts + Object.values(statuses).reduce((sum, n) => sum + n, 0);
const result: LoadResult = {
  requests: times.length,
  perSecond: times.length / ((last - first) / 1000),
  p50Ms: at(0.5),
  p99Ms: at(0.99),
  maxMs: at(1),
  failed,
  failures: { errors, timeouts, ...statuses },
};
process.send!(result);
process.disconnect();

/** One part of the users for each connection. */
function ownUsers(part: number) {
  const size = Math.ceil(order.users / order.connections);
  return Array.from({ length: size }, (_, i) => recommend((part * size + i) % order.users));
}

function randomRequests() {
  return Array.from({ length: REQUESTS }, () => {
    if (order.what === 'hello') return { method: 'GET' as const, path: '/hello' };
    const user = rng.int(order.users);
    return order.what === 'recommend' ? recommend(user) : interaction(user);
  });
}

function recommend(user: number) {
  return { method: 'GET' as const, path: `/recommend/${userName(user)}?k=10` };
}

function interaction(user: number) {
  const row = {
    userId: userName(user),
    itemId: itemName(rng.int(order.items)),
    type: 'click',
    timestamp: new Date(Date.now() - rng.int(1_000_000_000)).toISOString(),
  };
  return {
    method: 'POST' as const,
    path: '/interactions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ interactions: [row] }),
  };
}
