import path from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { DriftFigures } from '../../../src/domain/drift/drift-check.ts';
import type { DriftSettings } from '../../../src/domain/drift/drift-settings.ts';
import { checkNext, type DriftDeps } from '../../../src/worker/drift/keep-drift.ts';
import { distillationJob, newVersion, openStore, temporaryFolder } from '../../helpers/store.ts';

const NOON = Date.UTC(2026, 2, 28, 12);
const FIGURES: DriftFigures = {
  ...{ version: 1, sampled: 100, users: 50, pairs: 90, teacherNdcg: null, ndcgRetained: null, notes: [] },
  ndcg: { value: 0.2, low: 0.1, high: 0.3 },
  ...{ overlap: { value: 0.4, low: 0.3, high: 0.5 }, popularityShare: 0, unknownItems: 0.1 },
};

async function bench(settings: DriftSettings, measure: DriftDeps['measure'] = async () => FIGURES) {
  const store = await openStore(path.join(await temporaryFolder(), 'test.db'), () => NOON);
  await store.drift.put('movies', { settings, job: null, nextAt: NOON, keyId: 'key-1' });
  const deps: DriftDeps = { ...store, measure, logger: pino({ level: 'silent' }), now: () => NOON };
  const signal = new AbortController().signal;
  const check = async () => ({
    isDone: await checkNext(deps, signal),
    found: (await store.drift.checks('movies', 1)).rows[0],
  });
  return { store, deps, check };
}

it('measures the model that is due with its sample, and moves the clock on', async () => {
  const asked: unknown[] = [];
  const { store, check } = await bench({ cron: '0 5 * * *', sample: 70 }, async (...of) => {
    asked.push(of.slice(0, 2));
    return FIGURES;
  });
  expect(await check()).toMatchObject({
    isDone: true,
    found: { state: 'fine', figures: FIGURES, broken: [] },
  });
  expect(asked).toEqual([['movies', 70]]);
  expect((await store.drift.get('movies'))?.nextAt).toBe('2026-03-29T05:00:00.000Z');
  expect((await check()).isDone).toBe(false);
});

it('judges the figures by the limits, and starts nothing that nobody asked for', async () => {
  const { store, check } = await bench({ cron: '0 5 * * *', limits: { overlap: 0.5, ndcgRetained: 0.9 } });
  expect((await check()).found).toMatchObject({
    state: 'drifted',
    broken: [{ measure: 'overlap', value: 0.4, limit: 0.5 }],
    retraining: null,
  });
  expect((await store.jobs.list({}, 9)).rows).toEqual([]);
});

it('starts a job like that which made the live version, alone and at once', async () => {
  const { store, check } = await bench({ cron: '0 5 * * *', limits: { overlap: 0.5 }, retrain: true });
  const spec = {
    ...{ model: 'movies', teacher: { kind: 'ease' }, notBefore: '2020-01-01T00:00:00Z', priority: 3 },
    publish: { alias: 'stable', place: 2, choose: 'best', margin: 0.01 },
  };
  await store.jobs.create({ ...distillationJob('job-1'), spec: spec as never });
  await store.models.publish(newVersion(), 'stable');
  const { found } = await check();
  const job = await store.jobs.get(found!.retraining!.jobId!);
  expect(job).toMatchObject({ state: 'queued', model: 'movies', keyId: 'key-1' });
  expect(job!.spec).toEqual({
    ...{ model: 'movies', teacher: { kind: 'ease' }, priority: 3 },
    publish: { alias: 'stable', margin: 0.01 },
  });
});

it('says why no such job can be started', async () => {
  const { store, check } = await bench({ cron: '0 5 * * *', limits: { overlap: 0.5 }, retrain: true });
  await store.models.publish(newVersion(), 'stable');
  expect((await check()).found!.retraining).toEqual({
    jobId: null,
    reason: 'The job that made version 1 is not on record any more; put one into the drift settings.',
  });
});

it('a check without enough data says so, and changes nothing of what was known', async () => {
  let figures = FIGURES;
  const { store, check } = await bench({ cron: '0 5 * * *', limits: { overlap: 0.5 } }, async () => figures);
  await check();
  figures = {
    ...FIGURES,
    ndcg: null,
    overlap: null,
    unknownItems: null,
    notes: ['Not enough data: 3 users.'],
  };
  await store.drift.hurry('movies');
  await check();
  const states = (await store.drift.checks('movies', 9)).rows.map(({ state }) => state).sort();
  expect(states).toEqual(['drifted', 'not-measured']);
  expect((await store.drift.get('movies'))?.drifted).toBe(true);
});

it('a check that fails is kept with the reason and comes again by the clock, not at once', async () => {
  const { check } = await bench({ cron: '0 5 * * *' }, async () => {
    throw new Error('the process ended with SIGKILL');
  });
  expect(await check()).toMatchObject({
    isDone: true,
    found: {
      state: 'not-measured',
      figures: { notes: ['The check failed: the process ended with SIGKILL'] },
    },
  });
  expect((await check()).isDone).toBe(false);
});

it('a check of a worker that stops is left to another one', async () => {
  const stopping = new AbortController();
  const { store, deps } = await bench({ cron: '0 5 * * *' }, async () => {
    stopping.abort();
    throw new Error('aborted');
  });
  expect(await checkNext(deps, stopping.signal)).toBe(false);
  expect((await store.drift.checks('movies', 9)).rows).toEqual([]);
});
