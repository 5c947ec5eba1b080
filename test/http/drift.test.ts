import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newVersion } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { rawRequest } from './raw-request.ts';
import { type Service, startService } from './service.ts';

const NOON = Date.UTC(2026, 2, 28, 12);
const PATH = '/models/movies/drift';
const SETTINGS = { cron: '0 5 * * *', timeZone: 'Europe/Berlin', limits: { overlap: 0.5 }, retrain: true };

let service: Service;
beforeAll(async () => {
  service = await startService({ now: () => NOON });
  await service.store.models.publish(newVersion(), 'stable');
});
afterAll(() => service.close());

async function send(method: string, path: string, body?: unknown) {
  const headers = { 'content-type': 'application/json' };
  const options = body === undefined ? {} : { headers, body: JSON.stringify(body) };
  const answer = await rawRequest(service.url, method, path, options);
  return { ...answer, body: answer.text === '' ? {} : JSON.parse(answer.text) };
}

describe('drift of a model', () => {
  it('is watched by the clock of the zone, and what GET gives is taken', async () => {
    expect((await send('GET', PATH)).body).toEqual({ settings: null, data: [], nextCursor: null });
    const put = await send('PUT', PATH, SETTINGS);
    expect(put).toMatchObject({
      status: 200,
      // In the night of the 29th summer time begins.
      body: {
        ...SETTINGS,
        nextCheckAt: '2026-03-29T03:00:00.000Z',
        drifted: false,
        keyId: null,
      },
    });
    const { settings } = (await send('GET', PATH)).body;
    expect(settings).toEqual(put.body);
    expect(await send('PUT', PATH, settings)).toMatchObject({ status: 200, body: put.body });
  });

  it('shows what checks have found, in the list and in the metrics', async () => {
    await send('PUT', PATH, SETTINGS);
    const checked = await send('POST', `${PATH}/check`);
    expect(checked.status).toBe(202);
    expect(Date.parse(checked.body.nextCheckAt)).toBeLessThanOrEqual(Date.now());
    const { drift } = service.store;
    const figures = {
      ...{ version: 1, sampled: 90, users: 50, pairs: 80, teacherNdcg: null, ndcgRetained: null, notes: [] },
      ndcg: { value: 0.2, low: 0.1, high: 0.3 },
      ...{ overlap: { value: 0.4, low: 0.3, high: 0.5 }, popularityShare: 0.1, unknownItems: 0 },
    };
    const broken = [{ measure: 'overlap', value: 0.4, limit: 0.5, text: 'overlap is 0.4.' }];
    const check = { state: 'drifted' as const, figures, broken };
    const claimed = (await drift.claim(1000))!;
    await drift.record(claimed, { check, nextAt: NOON, retrain: { reason: 'none' } });
    const { body } = await send('GET', PATH);
    expect(body.data).toMatchObject([{ ...check, retraining: { jobId: null, reason: 'none' } }]);
    expect(body.settings.drifted).toBe(true);
    const { text } = await rawRequest(service.url, 'GET', '/metrics');
    expect(text).toContain('stillhouse_drift{model="movies",measure="overlap"} 0.4');
    expect(text).toContain('stillhouse_drift{model="movies",measure="popularityShare"} 0.1');
    expect(text).not.toContain('measure="ndcgRetained"');
    expect(text).toContain('stillhouse_drifted{model="movies"} 1');
  });

  it('is watched no longer', async () => {
    await send('PUT', PATH, SETTINGS);
    expect((await send('DELETE', PATH)).status).toBe(204);
    expect((await send('GET', PATH)).body).toEqual({ settings: null, data: [], nextCursor: null });
    expectProblem(await send('DELETE', PATH), 404, 'not-found', /"movies" is not watched/);
    expectProblem(await send('POST', `${PATH}/check`), 404, 'not-found', /"movies" is not watched/);
  });

  it('is of a model that there is', async () => {
    const path = '/models/books/drift';
    expectProblem(await send('GET', path), 404, 'not-found', /no model "books"/);
    expectProblem(await send('PUT', path, SETTINGS), 404, 'not-found', /no model "books"/);
  });

  it('keeps the job that is to be started, with its defaults', async () => {
    const job = { model: 'movies', teacher: { kind: 'ease' } };
    await send('PUT', PATH, { cron: '0 5 * * *', job });
    await send('POST', `${PATH}/check`);
    const claimed = (await service.store.drift.claim(1000))!;
    expect(claimed.job).toMatchObject({
      type: 'distillation',
      model: 'movies',
      exclusive: 'movies',
      spec: { teacher: { kind: 'ease' }, dataset: { split: { strategy: 'global-time' } } },
    });
  });

  it.each([
    [{}, 400, 'invalid-request', /cron is missing/],
    [{ cron: '0 5 * * *', limits: { overlap: 50 } }, 400, 'invalid-request', /limits\.overlap must be/],
    [{ cron: '0 5 * * *', limits: { ndgc: 0.1 } }, 400, 'invalid-request', /ndgc/],
    [{ cron: '0 5 * * *', sample: 1 }, 400, 'invalid-request', /sample must be/],
    [{ cron: '0 5 * * *', pauseHours: 0 }, 400, 'invalid-request', /pauseHours must be/],
    [{ cron: '0 5 * * *', retrain: 'yes' }, 400, 'invalid-request', /retrain/],
    [{ cron: '0 5 * * *', model: 'books' }, 400, 'invalid-request', /model is not known here/],
    [{ cron: '61 * * * *' }, 422, 'invalid-schedule', /cron "61 \* \* \* \*" cannot be read/],
    [{ cron: '0 5 * * *', timeZone: 'Mars' }, 422, 'invalid-schedule', /timeZone "Mars" is not known/],
    [
      { cron: '0 5 * * *', job: { model: 'books' } },
      ...([422, 'invalid-job', /job\.model is books; it must be movies/] as const),
    ],
    [
      { cron: '0 5 * * *', job: { model: 'movies', notBefore: '2026-05-01T00:00:00Z' } },
      ...([422, 'invalid-job', /job\.notBefore/] as const),
    ],
  ] as const)('refuses %j', async (body, status, code, detail) => {
    expectProblem(await send('PUT', PATH, body), status, code, detail);
  });
});
