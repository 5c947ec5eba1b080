import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from './service.ts';

const NOON = Date.UTC(2026, 2, 28, 12);
const JOB = { model: 'movies' };

let service: Service;
beforeAll(async () => {
  service = await startService({ now: () => NOON });
});
afterAll(() => service.close());

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(service.url + path, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

describe('POST /schedules', () => {
  it('keeps a nightly job with its defaults, and says when it runs first by the clock of the zone', async () => {
    const answer = await send('POST', '/schedules', {
      name: 'every night',
      cron: '0 3 * * *',
      timeZone: 'Europe/Berlin',
      job: JOB,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/schedules/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      name: 'every night',
      paused: false,
      // In the night of the 29th summer time begins.
      nextRunAt: '2026-03-29T01:00:00.000Z',
      afterInteractions: null,
      lastRun: null,
      lastSkip: null,
      job: { type: 'distillation', model: 'movies' },
    });
    expect(answer.body.job.distillation).toBeDefined();
    expect((await send('GET', `/schedules/${answer.body.id}`)).body).toEqual(answer.body);
  });

  it('splits at one moment where the job names no split and its task allows it', async () => {
    const splitOf = async (job: object) =>
      (await send('POST', '/schedules', { afterInteractions: 10, job: { ...JOB, ...job } })).body.job.dataset
        .split;
    const moment = {
      strategy: 'global-time',
      testFraction: 0.2,
      validationFraction: 0.1,
      withoutTimes: 'last-fraction',
    };
    expect(await splitOf({})).toEqual(moment);
    expect(await splitOf({ task: 'rating', dataset: { since: '2026-01-01T00:00:00Z' } })).toEqual(moment);
    expect(await splitOf({ task: 'sequential' })).toEqual(moment);
    expect(await splitOf({ dataset: { split: { strategy: 'leave-last-out' } } })).toEqual({
      strategy: 'leave-last-out',
    });
    const labels = { task: 'multi-label', labels: { of: 'items', from: 'categories' } };
    expect(await splitOf(labels)).toMatchObject({ strategy: 'random' });
  });

  it('reads former names of losses, also in schedules of earlier releases', async () => {
    const losses = [{ kind: 'ranking' }];
    const asked = { afterInteractions: 10, job: { ...JOB, distillation: { losses } } };
    const { id, job } = (await send('POST', '/schedules', asked)).body;
    const now = [{ kind: 'rrd', weight: 1, ownItems: 'hidden', side: 'users' }];
    expect(job.distillation.losses).toEqual(now);
    await service.store.schedules.create({
      id: 'sch_old',
      job: {
        type: 'distillation',
        model: 'movies',
        spec: { ...job, distillation: { ...job.distillation, losses: [{ ...now[0], kind: 'ranking' }] } },
      },
      afterInteractions: 10,
      nextAt: null,
    });
    expect((await send('GET', '/schedules/sch_old')).body.job).toEqual(job);
    for (const old of ['sch_old', id]) await service.store.schedules.remove(old);
  });

  it('takes UTC when no zone is given, and none for new interactions', async () => {
    const byClock = await send('POST', '/schedules', { cron: '30 12 * * *', job: JOB });
    expect(byClock.body).toMatchObject({ timeZone: 'UTC', nextRunAt: '2026-03-28T12:30:00.000Z' });
    const byData = await send('POST', '/schedules', { afterInteractions: 10, job: JOB });
    expect(byData.body).toMatchObject({ afterInteractions: 10, cron: null, timeZone: null, nextRunAt: null });
  });

  it.each([
    ['neither trigger', {}, 422, 'invalid-schedule', /cron.*or afterInteractions/],
    ['both triggers', { cron: '0 3 * * *', afterInteractions: 5 }, 422, 'invalid-schedule', /both/],
    ['a zone without cron', { afterInteractions: 5, timeZone: 'UTC' }, 422, 'invalid-schedule', /timeZone/],
    ['minute 61', { cron: '61 * * * *' }, 422, 'invalid-schedule', /"61 \* \* \* \*".*61.*0-59/],
    ['words', { cron: 'every day at three o' }, 422, 'invalid-schedule', /cron "every day/],
    ['four fields', { cron: '0 3 * *' }, 422, 'invalid-schedule', /five fields.*got 4/],
    ['six fields', { cron: '0 0 3 * * *' }, 422, 'invalid-schedule', /five fields.*got 6/],
    ['a day that never comes', { cron: '0 3 31 2 *' }, 422, 'invalid-schedule', /day of month/],
    ['a random hour', { cron: '0 H * * *' }, 422, 'invalid-schedule', /H is not possible in the hour/],
    [
      'an unknown zone',
      { cron: '0 3 * * *', timeZone: 'Mars/Olympus' },
      422,
      'invalid-schedule',
      /"Mars\/Olympus".*Europe\/Berlin/,
    ],
    ['N of 0', { afterInteractions: 0 }, 400, 'invalid-request', /afterInteractions.*1/],
    ['half an N', { afterInteractions: 1.5 }, 400, 'invalid-request', /afterInteractions/],
    ['an unknown field', { cron: '0 3 * * *', every: 'day' }, 400, 'invalid-request', /every/],
    [
      'a start of its own',
      { cron: '0 3 * * *', job: { ...JOB, notBefore: '2026-04-01T00:00:00Z' } },
      422,
      'invalid-schedule',
      /job\.notBefore/,
    ],
    [
      'a wrong job',
      { cron: '0 3 * * *', job: { model: 'movies', distillation: { epochs: 0 } } },
      400,
      'invalid-request',
      /job\.distillation\.epochs/,
    ],
    [
      'several students',
      { cron: '0 3 * * *', job: { ...JOB, students: [{ kind: 'fold-in' }] } },
      422,
      'invalid-job',
      /job\.students is for POST \/jobs; a schedule starts one job/,
    ],
    [
      'a search',
      { cron: '0 3 * * *', job: { ...JOB, search: { dimensions: [8, 16] } } },
      422,
      'invalid-job',
      /job\.search is for POST \/jobs; a schedule starts one job/,
    ],
    [
      'a job that contradicts itself',
      { cron: '0 3 * * *', job: { ...JOB, dataset: { types: { click: { weight: 0 } } } } },
      422,
      'invalid-job',
      /job\.dataset\.types/,
    ],
  ])('refuses %s', async (_what, part, status, code, detail) => {
    const before = (await send('GET', '/schedules')).body.data.length;
    const answer = await send('POST', '/schedules', { job: JOB, ...part });
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.body.detail).toMatch(detail);
    expect((await send('GET', '/schedules')).body.data).toHaveLength(before);
  });
});

describe('a schedule', () => {
  it('is paused, resumed and deleted', async () => {
    const { body } = await send('POST', '/schedules', { cron: '0 3 * * *', job: JOB });
    const path = `/schedules/${body.id}`;
    const paused = await send('PATCH', path, { paused: true });
    expect(paused.body).toMatchObject({ paused: true, nextRunAt: null });
    const resumed = await send('PATCH', path, { paused: false });
    expect(resumed.body).toMatchObject({ paused: false, nextRunAt: '2026-03-29T03:00:00.000Z' });
    expect((await send('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await send(method, path)).status).toBe(404);
    expect(await send('PATCH', path, { paused: true })).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    });
  });

  it('is resumed by the clock of its zone', async () => {
    const spec = { cron: '0 3 * * *', timeZone: 'Asia/Tokyo', job: JOB };
    const { body } = await send('POST', '/schedules', spec);
    expect(body.nextRunAt).toBe('2026-03-28T18:00:00.000Z');
    await send('PATCH', `/schedules/${body.id}`, { paused: true });
    const resumed = await send('PATCH', `/schedules/${body.id}`, { paused: false });
    expect(resumed.body).toEqual(body);
  });

  it('can be changed in nothing else, and by true and false alone', async () => {
    const { body } = await send('POST', '/schedules', { cron: '0 3 * * *', job: JOB });
    for (const wrong of [{ paused: 'yes' }, {}, { paused: true, cron: '* * * * *' }]) {
      const answer = await send('PATCH', `/schedules/${body.id}`, wrong);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    }
    expect((await send('GET', `/schedules/${body.id}`)).body).toEqual(body);
  });

  it('is listed in pages, newest first', async () => {
    const first = await send('GET', '/schedules?limit=2');
    const second = await send('GET', `/schedules?limit=100&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.data, ...second.body.data].map(({ id }: { id: string }) => id);
    expect(first.body.data).toHaveLength(2);
    expect(new Set(ids).size).toBe(ids.length);
    expect(second.body.nextCursor).toBeNull();
    expect((await send('GET', '/schedules?cursor=nonsense')).body.code).toBe('invalid-request');
  });
});
