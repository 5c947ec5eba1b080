import { afterAll, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../helpers/otlp-receiver.ts';
import { LONG_MS, startService, type TestService } from '../helpers/service.ts';
import { twoTastes } from '../helpers/two-tastes.ts';
import { startReceiver } from '../worker/webhooks/receiver.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const SPEC = {
  model: 'two-tastes',
  teacher: { kind: 'softmax', hidden: [32], epochs: 150, batchSize: 8 },
  distillation: { epochs: 3 },
  evaluation: { refit: false },
};

let receiver: OtlpReceiver;
let service: TestService;

async function start(webhookUrl: string): Promise<void> {
  receiver = await startOtlpReceiver();
  service = await startService({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      WEBHOOK_URLS: webhookUrl,
      WEBHOOK_PRIVATE_ADDRESSES: '127.0.0.1',
      CHECKPOINT_SECONDS: '0',
    },
  });
}
afterAll(async () => {
  await service?.dispose();
  await receiver?.close();
});

const mine = () => receiver.spans.filter(({ traceId }) => traceId === TRACE);
const named = (name: string) => mine().filter((span) => span.name === name);

/** The names of the spans from the caller's to this one. */
function wayTo(span: ReceivedSpan): string[] {
  if (span.parentId === CALLER) return [span.name];
  const parent = mine().find(({ spanId }) => spanId === span.parentId);
  if (!parent) throw new Error(`The parent of ${span.name} is missing.`);
  return [...wayTo(parent), span.name];
}

it('one trace leads from POST /jobs through the queue, a killed trainer and the next one to the webhook', async () => {
  const webhook = await startReceiver();
  await start(webhook.url);
  const { rows } = twoTastes(20);
  await service.send('POST', '/interactions', { interactions: rows });
  const hook = await service.send('POST', '/webhooks', { url: webhook.url, kinds: ['job.ended'] });
  expect(hook.status).toBe(201);
  const posted = await fetch(`${service.url}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER}-01` },
    body: JSON.stringify(SPEC),
  });
  expect(posted.headers.get('x-trace-id')).toBe(TRACE);
  const { id } = (await posted.json()) as { id: string };
  await eventually(
    'a part of the teacher is kept',
    async () => (await service.send('GET', `/jobs/${id}`)).body.progress?.kept > 0,
    LONG_MS,
  );
  process.kill(service.processOf(/bin\/trainer/).pid, 'SIGKILL');
  expect(await service.finished(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
  await eventually('the webhook is delivered', () => named('deliver webhook').length > 0, LONG_MS);
  await eventually('both attempts have ended', () => named('job distillation').length === 2, LONG_MS);

  const attempt = ['POST /jobs', 'job distillation'];
  expect(wayTo(named('enqueue')[0]!)).toEqual(['POST /jobs', 'enqueue']);
  expect(wayTo(named('queued')[0]!)).toEqual(['POST /jobs', 'queued']);
  expect(wayTo(named('deliver webhook')[0]!)).toEqual(['POST /jobs', 'deliver webhook']);
  for (const stage of ['data', 'teacher', 'distillation', 'evaluation', 'publishing']) {
    const last = named(`stage ${stage}`).at(-1);
    expect(last && wayTo(last)).toEqual([...attempt, 'trainer', `stage ${stage}`]);
  }
  // The stage that the killed trainer was in is told by its worker alone.
  const [killed, second] = named('job distillation');
  expect(killed).toMatchObject({
    attributes: { 'stillhouse.job.outcome': 'retry' },
    failure: expect.any(String),
  });
  expect(killed!.events.map(({ attributes }) => attributes.name)).toEqual(['data', 'teacher']);
  expect(second).toMatchObject({ attributes: { 'stillhouse.job.outcome': 'finished' }, failure: null });
  expect(named('stage data')).toHaveLength(2);
  expect(named('trainer').map(({ failure }) => failure)).toEqual([expect.stringContaining('SIGKILL'), null]);
  expect([...new Set(mine().map(({ service: name }) => name))].sort()).toEqual([
    ...['stillhouse-api', 'stillhouse-trainer', 'stillhouse-worker'],
  ]);
  // The receiver of the webhook can go on from there.
  expect(webhook.received[0]!.headers.traceparent).toBe(
    `00-${TRACE}-${named('deliver webhook')[0]!.spanId}-01`,
  );
});

it('an import whose sender has no trace begins one, which its record keeps', async () => {
  const { body } = await service.send(
    'POST',
    '/imports?kind=interactions&format=csv',
    'userId,itemId,type\nann,a-1,click\n',
    'text/csv',
  );
  const traceId = body.trace.traceparent.slice(3, 35);
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  const ended = () => receiver.spans.find((span) => span.traceId === traceId && span.name === 'job import');
  expect((await eventually('the import is told', ended, LONG_MS)).attributes).toMatchObject({
    'stillhouse.job.id': body.id,
    'stillhouse.job.outcome': 'finished',
  });
  expect((await service.send('GET', `/jobs/${body.id}`)).body.trace).toEqual(body.trace);
});
