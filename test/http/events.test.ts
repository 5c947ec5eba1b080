import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { followEvents } from './follow-events.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService({ eventStream: { pollMs: 1000, heartbeatMs: 2500 } });
});
afterAll(() => service.close());

let jobs = 0;
async function runningJob(): Promise<string> {
  const id = `job_e${++jobs}`;
  await service.store.jobs.create({
    id,
    type: 'distillation',
    model: 'm',
    spec: { type: 'distillation', model: 'm' },
  });
  await service.store.jobs.transition(id, ['queued'], 'running');
  return id;
}
const progress = (id: string, fraction: number) =>
  service.store.jobs.progress(id, { stage: 'distillation', fraction, losses: { softLabels: 1.5 } });
const finish = (id: string) => service.store.jobs.transition(id, ['running'], 'succeeded');
const get = (id: string, query = '') => request(service.url).get(`/jobs/${id}/events${query}`);

describe('GET /jobs/:id/events as JSON', () => {
  it('pages by sequence', async () => {
    const id = await runningJob();
    await progress(id, 0.5);
    const first = await get(id, '?limit=2').expect(200);
    expect(first.body.data.map((event: { seq: number }) => event.seq)).toEqual([1, 2]);
    const rest = await get(id, `?limit=2&cursor=${first.body.nextCursor}`).expect(200);
    expect(rest.body.data).toEqual([
      {
        seq: 3,
        at: expect.any(String),
        type: 'progress',
        data: { stage: 'distillation', fraction: 0.5, losses: { softLabels: 1.5 } },
      },
    ]);
    expect(rest.body.nextCursor).toBeNull();
  });

  it('refuses what it cannot use', async () => {
    const id = await runningJob();
    expectProblem(await get('job_none'), 404, 'not-found', /"job_none"/);
    expectProblem(await get(id, '?cursor=abc'), 400, 'invalid-request', /cursor must be a whole number/);
    const bad = await get(id).set('accept', 'text/event-stream').set('last-event-id', 'x');
    expectProblem(
      bad,
      400,
      'invalid-request',
      /Last-Event-ID must be the id of an event, a whole number; got "x"/,
    );
    expectProblem(await get('job_none').set('accept', 'text/event-stream'), 404, 'not-found', /"job_none"/);
  });
});

describe('GET /jobs/:id/events as a stream', () => {
  it('replays, follows and ends with the job, also when no signal comes', async () => {
    const id = await runningJob();
    const stream = await followEvents(service.url, id);
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/);
    await eventually('the replay', () => stream.events.length === 2);
    await progress(id, 0.5);
    await eventually('the progress, by polling', () => stream.events.length === 3, 2000);
    await finish(id);
    await stream.ended;
    expect(stream.events.map((event) => [event.id, event.event])).toEqual([
      ['1', 'state'],
      ['2', 'state'],
      ['3', 'progress'],
      ['4', 'state'],
    ]);
    expect(stream.events.at(-1)?.data).toMatchObject({ seq: 4, data: { state: 'succeeded' } });
    expect(stream.text).toMatch(/^retry: \d+\n\n/);
  });

  it('is hurried by a signal', async () => {
    const id = await runningJob();
    const stream = await followEvents(service.url, id);
    await eventually('the replay', () => stream.events.length === 2);
    await sleep(100);
    await progress(id, 0.5);
    await service.queue.signals.publish({ kind: 'job', jobId: id });
    await eventually('the progress, before the next poll', () => stream.events.length === 3, 500);
    stream.close();
  });

  it('resumes after Last-Event-ID, and says 204 when nothing is left', async () => {
    const id = await runningJob();
    await progress(id, 0.5);
    await finish(id);
    const stream = await followEvents(service.url, id, { 'last-event-id': '2' });
    await stream.ended;
    expect(stream.events.map((event) => event.id)).toEqual(['3', '4']);
    await get(id).set('accept', 'text/event-stream').set('last-event-id', '4').expect(204);
  });

  it('sends every event once and in order, more than one batch of them', async () => {
    const id = await runningJob();
    for (let i = 0; i < 450; i++) await progress(id, i / 450);
    await finish(id);
    const stream = await followEvents(service.url, id);
    await stream.ended;
    expect(stream.events.map((event) => Number(event.id))).toEqual(
      Array.from({ length: 453 }, (_, i) => i + 1),
    );
  });

  it('keeps the connection warm while nothing happens', async () => {
    const stream = await followEvents(service.url, await runningJob());
    await eventually('a heartbeat', () => stream.text.includes('\n: heartbeat\n'), 5000);
    stream.close();
  });

  it('reads no further than the client takes', async () => {
    const id = await runningJob();
    const message = 'x'.repeat(60_000);
    for (let i = 0; i < 1200; i++) await service.store.jobs.warn(id, message);
    const { jobs } = service.store;
    const { events } = jobs;
    let reads = 0;
    jobs.events = (...args) => {
      if (args[0] === id) reads++;
      return events(...args);
    };
    const stream = await followEvents(service.url, id);
    stream.pause();
    await sleep(500);
    // 72 MB in batches of 200 rows: seven reads if nobody held it back.
    expect(reads).toBeLessThan(5);
    jobs.events = events;
    stream.close();
  });

  it('lets go when the client goes', async () => {
    const id = await runningJob();
    const stream = await followEvents(service.url, id);
    await eventually('the replay', () => stream.events.length === 2);
    stream.close();
    const connections = () =>
      new Promise<number>((resolve) => service.app.server.getConnections((_error, count) => resolve(count)));
    await eventually('no connection is left', async () => (await connections()) === 0);
    expect(service.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  it('does not keep the server from closing', async () => {
    const other = await startService();
    await other.store.jobs.create({ id: 'job_1', type: 'distillation', model: 'm', spec: { model: 'm' } });
    const stream = await followEvents(other.url, 'job_1');
    await eventually('the replay', () => stream.events.length === 1);
    const started = Date.now();
    await other.close();
    await stream.ended;
    expect(Date.now() - started).toBeLessThan(900);
  });
});
