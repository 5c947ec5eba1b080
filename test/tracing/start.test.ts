import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/core/config.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { Tracer } from '../../src/tracing/contract.ts';
import { startTracing } from '../../src/tracing/start.ts';
import { eventually } from '../helpers/eventually.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

let receiver: OtlpReceiver;
let lines: { level: number; msg: string; lost?: number }[];
let open: Tracer[];
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  lines = [];
  open = [];
});
afterEach(async () => {
  for (const tracer of open) await tracer.close();
  await receiver.close();
});

async function tracerWith(env: Record<string, string>): Promise<Tracer> {
  const logger = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const config = readConfig({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...env,
  });
  const tracer = await startTracing(config, 'worker', logger);
  if (!tracer) throw new Error('There is no tracer.');
  open.push(tracer);
  return tracer;
}

const CALLER = {
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  tracestate: 'vendor=x',
};

it('there is none without a receiver, or where it is disabled', async () => {
  const logger = createLogger('test', 'silent');
  expect(await startTracing(readConfig({}), 'api', logger)).toBeUndefined();
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'true' };
  expect(await startTracing(readConfig(disabled), 'api', logger)).toBeUndefined();
});

it('spans arrive with their parents, their state, events and failures', async () => {
  const tracer = await tracerWith({
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=the%20test',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
  });
  const outer = tracer.start('outer', { parent: CALLER, kind: 'server', from: 1_000, attributes: { a: 1 } });
  const inner = tracer.start('inner', { parent: outer.context });
  inner.event('half', { share: 0.5 });
  inner.end('it broke');
  outer.end();
  await tracer.flush();
  const [first, second] = receiver.spans;
  expect(first).toMatchObject({
    ...{ name: 'inner', traceId: CALLER.traceparent.slice(3, 35), service: 'stillhouse-worker' },
    ...{ parentId: second!.spanId, traceState: 'vendor=x', failure: 'it broke' },
    events: [{ name: 'half', attributes: { share: 0.5 } }],
  });
  expect(second).toMatchObject({
    name: 'outer',
    parentId: '00f067aa0ba902b7',
    kind: 2,
    from: 1_000,
    failure: null,
  });
  expect(second!.attributes).toMatchObject({ a: 1 });
  expect(outer.context.tracestate).toBe('vendor=x');
});

describe('of what begins a trace', () => {
  /** Numbers of spans that are kept of two hundred. */
  async function kept(env: Record<string, string>, options: object): Promise<number> {
    const tracer = await tracerWith(env);
    const spans = Array.from({ length: 200 }, () => tracer.start('one', options));
    return spans.filter(({ isRecording }) => isRecording).length;
  }

  it.each([
    ['all is kept by default', {}, {}, 200],
    ['nothing is kept with always_off', { OTEL_TRACES_SAMPLER: 'always_off' }, {}, 0],
    ['the frequent is kept by its own share', { TRACE_SERVING_SAMPLE: '0' }, { isFrequent: true }, 0],
    ['the rest is kept whatever that share is', { TRACE_SERVING_SAMPLE: '0' }, {}, 200],
    [
      'the frequent is kept where the caller keeps it',
      { TRACE_SERVING_SAMPLE: '0' },
      { isFrequent: true, parent: CALLER },
      200,
    ],
    [
      'what the caller does not keep is not kept',
      {},
      { parent: { traceparent: CALLER.traceparent.replace(/01$/, '00') } },
      0,
    ],
  ] as const)('%s', async (_title, env, options, expected) => {
    expect(await kept(env, options)).toBe(expected);
  });

  it('a share is kept with traceidratio', async () => {
    const half = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' };
    const count = await kept(half, {});
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(150);
  });
});

it('a receiver that takes nothing costs one warning, and is said to be back', async () => {
  receiver.status = 400;
  const tracer = await tracerWith({});
  const send = async (name: string) => {
    tracer.start(name).end();
    await tracer.flush();
  };
  for (const name of ['a', 'b', 'c']) await send(name);
  const warnings = () => lines.filter(({ level }) => level >= 40);
  await eventually('it is said', () => warnings().length > 0);
  receiver.status = 200;
  await send('d');
  await eventually('it is back', () => lines.some(({ lost }) => lost === 3));
  expect(warnings()).toHaveLength(1);
  expect(receiver.spans.map(({ name }) => name)).toEqual(['d']);
});

it('a receiver that is not there holds nothing up', async () => {
  await receiver.close();
  const tracer = await tracerWith({});
  for (let i = 0; i < 5000; i++) tracer.start('lost').end();
  await tracer.close();
  receiver = await startOtlpReceiver();
});

describe('settings', () => {
  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'http:// or https://'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/protobuf'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'parentbased_always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', '1'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization', 'name=value'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=100%', 'percent-encoded'],
    ['OTEL_SDK_DISABLED', 'maybe', 'true'],
    ['TRACE_SERVING_SAMPLE', '-1', '0'],
  ])('%s=%s is refused with what would be right', (name, value, right) => {
    expect(() => readConfig({ [name]: value })).toThrow(name);
    expect(() => readConfig({ [name]: value })).toThrow(right);
  });
});
