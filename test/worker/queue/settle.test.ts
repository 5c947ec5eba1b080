import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import type { JobState } from '../../../src/domain/jobs/job.ts';
import { type Ending, recordEnding } from '../../../src/worker/queue/settle.ts';
import { failureOf, type StopReason } from '../../../src/worker/trainer/outcome.ts';
import { distillationJob, newVersion, openStore, temporaryFolder } from '../../helpers/store.ts';

const logger = pino({ level: 'silent' });
const TRAINED: Ending = { kind: 'trained', version: newVersion({ jobId: 'job_a' }), warnings: [] };
const IMPORTED: Ending = {
  kind: 'imported',
  result: { rows: 1, accepted: 1, duplicates: 0, rejected: 0, rejects: [] },
};
const FAILED: Ending = { kind: 'failed', ...failureOf(problem('not-enough-data', 'Too few.')) };
const CRASHED: Ending = { kind: 'failed', ...failureOf(new Error('It fell over.')) };

/** How a run ended, and where that leads the job of a run that nobody has overtaken. */
const ENDINGS: [
  what: string,
  ending: Ending,
  stopped: StopReason | undefined,
  to: JobState,
  tells: string,
][] = [
  ['trained', TRAINED, undefined, 'succeeded', 'finished'],
  ['imported', IMPORTED, undefined, 'succeeded', 'finished'],
  ['failed for good', FAILED, undefined, 'failed', 'failed'],
  ['failed for now', CRASHED, undefined, 'queued', 'retry'],
  ['ended by a shutdown', CRASHED, 'shutdown', 'queued', 'put-back'],
  ['ended by its own time limit', CRASHED, 'timeout', 'failed', 'failed'],
];

async function bench() {
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  const sent: string[] = [];
  const signals = { publish: async ({ kind }: { kind: string }) => void sent.push(kind) };
  await store.jobs.create(distillationJob('job_a'));
  await store.jobs.claim('job_a', 'queued', {});
  let job = (await store.jobs.get('job_a'))!;
  /** Claims it once more, as a worker that is delivered it again does. */
  const next = async () => {
    await store.jobs.claim('job_a', 'queued', {});
    job = (await store.jobs.get('job_a'))!;
  };
  let cleanedUp = 0;
  const record = (ending: Ending, stopped?: StopReason) => {
    const cleanUp = async () => void cleanedUp++;
    return recordEnding(job, { ...ending, cleanUp }, stopped, { store, signals, logger });
  };
  return { store, sent, record, next, cleanedUp: () => cleanedUp };
}

describe('the end of a run', () => {
  it.each(ENDINGS)('that is %s is recorded', async (_what, ending, stopped, to, tells) => {
    const { store, record, cleanedUp } = await bench();
    expect(await record(ending, stopped)).toMatchObject({ kind: tells });
    expect(await store.jobs.get('job_a')).toMatchObject({ state: to, attempts: 1 });
    expect(await store.models.versions('movies')).toHaveLength(ending === TRAINED ? 1 : 0);
    // What a job leaves is needed for as long as it may be run again.
    expect(cleanedUp()).toBe(to === 'queued' ? 0 : 1);
  });

  it.each(ENDINGS)(
    'that is %s changes nothing after somebody has taken the job over',
    async (_what, ending, stopped) => {
      const { store, sent, record, cleanedUp } = await bench();
      await store.jobs.claim('job_a', 'running', {});
      const before = [await store.jobs.get('job_a'), await store.jobs.events('job_a', 0, 100)];
      expect(await record(ending, stopped)).toEqual({ kind: 'finished' });
      expect([await store.jobs.get('job_a'), await store.jobs.events('job_a', 0, 100)]).toEqual(before);
      expect(await store.models.versions('movies')).toEqual([]);
      expect(cleanedUp()).toBe(0);
      expect(sent).not.toContain('models');
    },
  );

  it.each(ENDINGS)('that is %s leaves a cancel to the newer attempt', async (_what, ending, stopped) => {
    const { store, record } = await bench();
    await store.jobs.claim('job_a', 'running', {});
    await store.jobs.transition('job_a', ['running'], 'cancelling');
    expect(await record(ending, stopped)).toEqual({ kind: 'finished' });
    expect(await store.jobs.get('job_a')).toMatchObject({ state: 'cancelling', attempts: 2 });
  });

  it('is a cancel where that came in time', async () => {
    const { store, record } = await bench();
    await store.jobs.transition('job_a', ['running'], 'cancelling');
    expect(await record(TRAINED)).toEqual({ kind: 'finished' });
    expect((await store.jobs.get('job_a'))?.state).toBe('cancelled');
    expect(await store.models.versions('movies')).toEqual([]);
  });

  it('is no failure that counts while every attempt keeps something new', async () => {
    const { store, record, next } = await bench();
    for (let kept = 1; kept <= 5; kept++) {
      await store.jobs.progress('job_a', { stage: 'teacher', fraction: 0.1, kept });
      expect(await record(CRASHED)).toMatchObject({ kind: 'retry', pauseMs: 1000 });
      expect((await store.jobs.get('job_a'))?.problem).toMatchObject({ failedAttempts: 1, keptParts: kept });
      await next();
    }
    await store.jobs.progress('job_a', { stage: 'teacher', fraction: 0.1, kept: 5 });
    expect(await record(CRASHED)).toMatchObject({ kind: 'retry', pauseMs: 2000 });
    await next();
    expect(await record(CRASHED)).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/It fell over\. It was given up: it failed 3 times in a row/),
    });
  });

  it('of a student that its gate refuses is a success that says so, and stable stays', async () => {
    const { store, record } = await bench();
    await store.models.publish(newVersion({ jobId: 'before' }), 'stable');
    const rule = { rule: 'live', value: -1, limit: 0, passed: false, decided: 'interval', text: '' } as const;
    const gate = { comparedWith: 1, foundUnder: 'stable', rules: [rule], merit: 0.1 };
    await record({ ...TRAINED, version: newVersion({ jobId: 'job_a', gate }) } as Ending);
    const job = await store.jobs.get('job_a');
    expect(job).toMatchObject({
      state: 'succeeded',
      result: {
        version: 2,
        promotion: { promoted: false, comparedWith: 1, rules: [{ rule: 'live', passed: false }] },
      },
    });
    expect((await store.models.resolve('movies', 'stable'))?.version).toBe(1);
    expect((await store.models.resolve('movies', 'candidate'))?.version).toBe(2);
  });

  it.each([
    [{ gate: 'off' as const }, ['stable'], 'off'],
    [{ alias: 'trial' }, ['trial'], 'off'],
    [{ alias: 'trial', gate: [] }, ['candidate'], 'on'],
  ])('with %o asks its gate where it has one', async (publish, aliases, state) => {
    const store = await openStore(`${await temporaryFolder()}/test.db`);
    await store.jobs.create({ ...distillationJob('job_a'), spec: { model: 'movies', publish } });
    await store.jobs.claim('job_a', 'queued', {});
    const rule = {
      rule: 'baseline',
      value: -1,
      limit: 0,
      passed: false,
      decided: 'interval',
      text: '',
    } as const;
    const gate = { comparedWith: null, foundUnder: null, rules: [rule], merit: 0.1 };
    const ending: Ending = { kind: 'trained', version: newVersion({ jobId: 'job_a', gate }), warnings: [] };
    const signals = { publish: async () => {} };
    await recordEnding((await store.jobs.get('job_a'))!, ending, undefined, { store, signals, logger });
    expect(await store.models.get('movies', 1)).toMatchObject({ aliases, promotion: { gate: state } });
  });
});
