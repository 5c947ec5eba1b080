// Processor time of a request with traces off, on for a share, and on for each: node bench/run.mjs tracing
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { createLogger } from '../src/core/logger.ts';
import type { App } from '../src/http/app-type.ts';
import { installTracing } from '../src/http/plugins/tracing.ts';
import type { Tracer } from '../src/tracing/contract.ts';
import { createTracer } from '../src/tracing/otel.ts';

const REQUESTS = 20_000;
const ROUNDS = 5;

const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end());
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/v1/traces`;

function tracerOf(servingShare: number): Tracer {
  return createTracer({
    ...{ url, service: 'bench', resource: {}, delayMs: 1000, sampler: 'parentbased_always_on', share: 1 },
    servingShare,
    logger: createLogger('bench', 'warn'),
  });
}

/** Microseconds of processor time of one request of a route that does nothing, its spans' sending included. */
async function costOf(tracer: Tracer | undefined): Promise<number> {
  const app = fastify() as unknown as App;
  installTracing(app, tracer);
  app.get('/recommend/:userId', { config: { scope: 'recommend' } }, (_request, reply) => reply.send('{}'));
  await app.ready();
  const ask = async (times: number) => {
    for (let i = 0; i < times; i++) await app.inject('/recommend/ann');
    await tracer?.flush();
  };
  await ask(REQUESTS / 10);
  const before = process.cpuUsage();
  await ask(REQUESTS);
  const { user, system } = process.cpuUsage(before);
  await app.close();
  return (user + system) / REQUESTS;
}

const modes = { off: undefined, 'one in a hundred': tracerOf(0.01), 'each one': tracerOf(1) };
const costs: Record<string, number[]> = {};
for (let round = 0; round < ROUNDS; round++) {
  for (const [mode, tracer] of Object.entries(modes))
    costs[mode] = [...(costs[mode] ?? []), await costOf(tracer)];
}
console.log('| traces | us of processor time per request, median | least | most |\n|---|---|---|---|');
for (const [mode, all] of Object.entries(costs)) {
  const sorted = all.sort((a, b) => a - b);
  const [median, least, most] = [sorted[ROUNDS >> 1]!, sorted[0]!, sorted.at(-1)!];
  console.log(`| ${mode} | ${median.toFixed(1)} | ${least.toFixed(1)} | ${most.toFixed(1)} |`);
}
await Promise.all(Object.values(modes).map((tracer) => tracer?.close()));
receiver.close();
