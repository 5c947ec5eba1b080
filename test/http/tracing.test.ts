import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '../../src/core/logger.ts';
import type { Tracer } from '../../src/tracing/contract.ts';
import { createTracer } from '../../src/tracing/otel.ts';
import { eventually } from '../helpers/eventually.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';
import { type Service, startService } from './service.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, tracestate: 'vendor=x' };
const ROWS = 'userId,itemId\nann,film-7\n';

let receiver: OtlpReceiver;
let tracer: Tracer;
let service: Service;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  tracer = createTracer({
    ...{ url: `${receiver.url}/v1/traces`, service: 'test', resource: {}, delayMs: 10 },
    ...{ sampler: 'parentbased_always_on', share: 1, servingShare: 0 },
    logger: createLogger('test', 'silent'),
  });
  service = await startService({ tracer });
});
afterAll(async () => {
  await service?.close();
  await tracer?.close();
  await receiver?.close();
});

const spanNamed = (name: string) =>
  eventually(`there is a span ${name}`, async () => {
    await tracer.flush();
    return receiver.spans.find((span) => span.name === name);
  });

it('a job goes on with the trace of its caller, and the answer and the log name it', async () => {
  const asked = request(service.url)
    .post('/imports?kind=interactions&format=csv')
    .set('content-type', 'text/csv');
  const { body, headers } = await asked.set(CALLER).send(ROWS).expect(202);
  expect(headers['x-trace-id']).toBe(TRACE);
  const posted = await spanNamed('POST /imports');
  expect(posted).toMatchObject({
    ...{ traceId: TRACE, parentId: '00f067aa0ba902b7', traceState: 'vendor=x', kind: 2, failure: null },
    attributes: { 'http.request.method': 'POST', 'http.route': '/imports', 'http.response.status_code': 202 },
  });
  expect(await spanNamed('enqueue')).toMatchObject({ parentId: posted.spanId, kind: 4 });
  const trace = { traceparent: `00-${TRACE}-${posted.spanId}-01`, tracestate: 'vendor=x' };
  expect(body.trace).toEqual(trace);
  expect((await service.store.jobs.get(body.id))?.trace).toEqual(trace);
  const line = service.log.map((text) => JSON.parse(text)).find(({ route }) => route === '/imports');
  expect(line).toMatchObject({ msg: 'request', traceId: TRACE });
});

it('a request without a trace begins one; nothing of it names a person', async () => {
  const { headers } = await request(service.url).get('/items/secret-item').expect(404);
  expect(headers['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  const span = await spanNamed('GET /items/:itemId');
  expect(span).toMatchObject({ traceId: headers['x-trace-id'], parentId: '' });
  expect(JSON.stringify(receiver.spans)).not.toContain('secret-item');
});

it('recommendations are traced where the caller traces them, and else by a share, here none', async () => {
  const path = '/recommend/ann';
  const { headers } = await request(service.url).get(path).expect(200);
  expect(headers['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  await request(service.url).get(path).set(CALLER).expect(200);
  const { traceId, attributes } = await spanNamed('GET /recommend/:userId');
  expect([traceId, receiver.spans.filter(({ name }) => name.startsWith('GET /recommend'))]).toEqual([
    TRACE,
    [expect.anything()],
  ]);
  expect(attributes).toMatchObject({ 'stillhouse.total.ms': expect.any(Number) });
});

it('probes and metrics are not traced, and a failed request is a failed span', async () => {
  const { headers } = await request(service.url).get('/health/live').expect(200);
  expect(headers).not.toHaveProperty('x-trace-id');
  service.queue.up = false;
  await request(service.url)
    .post('/imports?kind=interactions&format=csv')
    .set('content-type', 'text/csv')
    .send(ROWS)
    .expect(503);
  service.queue.up = true;
  const failed = await eventually('there is a failed span', async () => {
    await tracer.flush();
    const found = receiver.spans.filter(({ failure }) => failure !== null);
    return found.length > 0 ? found : null;
  });
  expect(failed.map(({ name, failure }) => [name, failure])).toEqual([
    ['POST /imports', 'answered with 503'],
  ]);
});

it('a damaged traceparent begins a new trace', async () => {
  const { headers } = await request(service.url).get('/models').set('traceparent', '00-1-2-3').expect(200);
  expect(headers['x-trace-id']).toMatch(/^[0-9a-f]{32}$/);
  expect(await spanNamed('GET /models')).toMatchObject({ parentId: '' });
});
