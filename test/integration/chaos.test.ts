import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planStrikes, TARGETS } from '../../bench/chaos/plan.ts';
import { type ChaosResult, runChaos } from '../../bench/chaos/run.ts';
import { compareSets, jobFaults } from '../../bench/chaos/verify.ts';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { startTestPostgres } from '../helpers/postgres.ts';

/** The short form of npm run bench:chaos: two apis and two workers on one Redis and one database. */
async function shortForm(jobs: number, strikes: number, databaseUrl?: string): Promise<ChaosResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-chaos-'));
  const log: string[] = [];
  const result = await runChaos({
    folder,
    jobs,
    strikes,
    seed: 4,
    apis: 2,
    workers: 2,
    meanPauseMs: 1000,
    calmMs: 240_000,
    databaseUrl,
    // Starts sooner than TensorFlow; the arithmetic is the same.
    tensorBackend: 'cpu',
    lostWorkerSeconds: 2,
    log: (line) => log.push(line),
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  if (result.faults.length > 0) console.error(`${log.join('\n')}\n${result.story}`);
  return result;
}

const calm = (jobs: number) => ({ succeeded: jobs, artifacts: jobs, faults: [] });

// Side by side: each waits most of the time, for processes to start and for locks of the dead to expire.
describe.concurrent('jobs survive kill -9 of trainers, workers, apis and Redis', () => {
  it('on SQLite', async ({ expect }) => {
    const result = await shortForm(3, 6);
    expect(result).toMatchObject(calm(3));
    const killed = result.kills.filter(({ what }) => what.startsWith('kill -9'));
    expect(new Set(killed.map(({ target }) => target))).toEqual(new Set(TARGETS));
  }, 360_000);

  it.runIf(findPostgres())(
    'on PostgreSQL',
    async ({ expect }) => {
      const postgres = await startTestPostgres();
      try {
        expect(await shortForm(2, 4, await postgres.createDatabase())).toMatchObject(calm(2));
      } finally {
        await postgres.close();
      }
    },
    360_000,
  );
  if (!findPostgres()) it.skip('on PostgreSQL: NOT RUN, there is no server of version 14 or newer here');
});

describe('the chaos plan', () => {
  it('is the same for the same seed, and strikes every kind', () => {
    expect(planStrikes(7, 30, 1000)).toEqual(planStrikes(7, 30, 1000));
    expect(planStrikes(7, 30, 1000)).not.toEqual(planStrikes(8, 30, 1000));
    expect(new Set(planStrikes(7, 4, 1000).map(({ target }) => target))).toEqual(new Set(TARGETS));
  });
});

describe('the verdict', () => {
  const job = { id: 'job_1', state: 'succeeded', problem: null } as const;
  const event = (seq: number, state = 'queued') => ({ seq, data: { state } });
  const good = [event(1), event(2, 'running'), event(3, 'succeeded')];

  it('has nothing against a job that succeeded once', () => {
    expect(jobFaults(job, good, [1, 2, 3])).toEqual([]);
  });

  it('has nothing against one that was given up, once, by contract', () => {
    const detail = 'The job was given up: its worker was lost.';
    const problem = {
      type: 'about:blank',
      title: 'x',
      status: 500,
      code: 'trainer-crashed',
      detail,
    } as const;
    const ended = [event(1), event(2, 'running'), event(3, 'failed')];
    expect(jobFaults({ ...job, state: 'failed', problem }, ended, [1, 2, 3])).toEqual([]);
  });

  it.each([
    ['is failed', { ...job, state: 'failed' as const }, good, [1, 2, 3]],
    ['has ended 2 times', job, [event(1), event(2, 'succeeded'), event(3, 'succeeded')], [1, 2, 3]],
    ['end is not its last event', job, [...good, event(4, 'running')], [1, 2, 3, 4]],
    ['stored events have gaps', job, [event(1), event(3, 'succeeded')], [1, 2]],
    ['its stream had gaps', job, good, [1, 3, 2]],
    ['2 events were streamed, 3 are stored', job, good, [1, 2]],
  ])('sees that a job %s', (fault, wrong, events, streamed) => {
    expect(jobFaults(wrong, events, streamed).join()).toContain(fault);
  });

  it('sees what is missing, too much or twice', () => {
    expect(compareSets('jobs', ['a', 'b'], ['b', 'c', 'c'])).toEqual([
      'jobs: a is missing',
      'jobs: nobody asked for c',
      'jobs: nobody asked for c',
      'jobs: c is there twice',
    ]);
  });
});
