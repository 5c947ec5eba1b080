import { expect, it } from 'vitest';
import type { Job } from '../../../src/domain/jobs/job.ts';
import type { SpanOptions, Tracer } from '../../../src/tracing/contract.ts';
import { endAttempt, startAttempt } from '../../../src/worker/queue/attempt-span.ts';

/** Notes what it is told. */
function toyTracer() {
  const told: { name: string; options: SpanOptions; attributes: object; ended: boolean; failure?: string }[] =
    [];
  const tracer: Tracer = {
    start(name, options = {}) {
      const span = { name, options, attributes: {}, ended: false } as (typeof told)[number];
      told.push(span);
      return {
        ...{ traceId: 'trace', context: { traceparent: `span ${told.length}` }, isRecording: true },
        set: (attributes) => void Object.assign(span.attributes, attributes),
        event: () => {},
        end: (failure) => void Object.assign(span, { ended: true, failure }),
      };
    },
    flush: async () => {},
    close: async () => {},
  };
  return { tracer, told };
}

const job = (more: object) =>
  ({ id: 'job_1', type: 'distillation', attempts: 1, createdAt: '1970-01-01T00:00:01.000Z', ...more }) as Job;

it('a job that nobody traced begins a trace, which its record keeps', async () => {
  const { tracer, told } = toyTracer();
  const kept: unknown[] = [];
  await startAttempt(tracer, job({}), { keepTrace: async (id, trace) => void kept.push([id, trace]) });
  expect(kept).toEqual([['job_1', { traceparent: 'span 1' }]]);
  expect(told.map(({ name, options }) => [name, options.parent])).toEqual([['job distillation', undefined]]);
});

it('a job that is traced goes on, and its first attempt says how long it waited', async () => {
  const { tracer, told } = toyTracer();
  const trace = { traceparent: 'asked' };
  const deps = { keepTrace: () => Promise.reject(new Error('it had one')) };
  await startAttempt(tracer, job({ trace }), deps);
  const second = await startAttempt(tracer, job({ trace, attempts: 2 }), deps);
  expect(told.map(({ name }) => name)).toEqual(['queued', 'job distillation', 'job distillation']);
  expect(told.every(({ options }) => options.parent === trace)).toBe(true);
  expect(told[0]).toMatchObject({ ended: true, options: { from: 1000 } });
  endAttempt(second, { kind: 'retry', detail: 'It crashed.', pauseMs: 1 }, undefined);
  expect(told[2]).toMatchObject({
    failure: 'It crashed.',
    attributes: { 'stillhouse.job.outcome': 'retry' },
  });
});

it('a database that is away costs the trace, not the job', async () => {
  const { tracer, told } = toyTracer();
  await startAttempt(tracer, job({}), { keepTrace: () => Promise.reject(new Error('away')) });
  expect(told).toHaveLength(1);
});
