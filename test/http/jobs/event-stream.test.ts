import { describe, expect, it } from 'vitest';
import { eventStream } from '../../../src/http/jobs/event-stream.ts';
import { createJobBells } from '../../../src/http/jobs/job-bells.ts';
import { createSharedReads } from '../../../src/http/jobs/shared-reads.ts';
import type { Signal } from '../../../src/jobs/contract.ts';
import { eventually } from '../../helpers/eventually.ts';
import { distillationJob, openStore, temporaryFolder } from '../../helpers/store.ts';

const LISTENERS = 1000;
const POLL_MS = 600;

describe('a thousand listeners on one job', () => {
  it('cost one subscription, one timer and one read for all of them', async () => {
    const { jobs } = await openStore(`${await temporaryFolder()}/test.db`);
    await jobs.create(distillationJob('job_1'));
    await jobs.transition('job_1', ['queued'], 'running');
    let reads = 0;
    const counted: Pick<typeof jobs, 'get' | 'events'> = {
      get(id) {
        reads++;
        return jobs.get(id);
      },
      events(id, after, limit) {
        reads++;
        return jobs.events(id, after, limit);
      },
    };
    let subscriptions = 0;
    let send: (signal: Signal) => void = () => {};
    const bells = createJobBells(
      {
        publish: async () => {},
        subscribe(listener) {
          subscriptions++;
          send = listener;
          return () => {};
        },
      },
      POLL_MS,
    );
    const deps = {
      reads: createSharedReads(counted),
      bells,
      timing: { pollMs: POLL_MS, heartbeatMs: 60_000 },
    };
    const heard = Array.from({ length: LISTENERS }, () => [] as number[]);
    const streams = heard.map(async (mine) => {
      const bell = bells.listen('job_1');
      for await (const text of eventStream(deps, 'job_1', 0, bell)) {
        const id = /^id: (\d+)/.exec(text)?.[1];
        if (id) mine.push(Number(id));
      }
      bell.release();
    });
    const all = (count: number) => () => heard.every((mine) => mine.length === count);
    await eventually('the replay', all(2));

    // At a signal: its state and its new events, once for everybody.
    reads = 0;
    await jobs.progress('job_1', { stage: 'teacher', fraction: 0.5 });
    send({ kind: 'job', jobId: 'job_1' });
    await eventually('the progress', all(3));
    expect(reads).toBeLessThanOrEqual(4);

    // And without one, at the next poll.
    reads = 0;
    await jobs.transition('job_1', ['running'], 'succeeded');
    await Promise.all(streams);
    expect(reads).toBeLessThanOrEqual(6);
    expect(heard.every((mine) => mine.join() === '1,2,3,4')).toBe(true);
    expect(subscriptions).toBe(1);
    bells.close();
  });

  it('do not get what was read before the ring', async () => {
    const answers: ((events: never[]) => void)[] = [];
    const reads = createSharedReads({
      get: async () => null,
      events: () => new Promise((resolve) => answers.push(resolve)),
    });
    const early = reads.events('job_1', 0, 10, 1);
    expect(reads.events('job_1', 0, 10, 1)).toBe(early);
    void reads.events('job_1', 0, 10, 2);
    expect(answers).toHaveLength(2);
    for (const answer of answers) answer([]);
    await early;
    void reads.events('job_1', 0, 10, 1);
    expect(answers).toHaveLength(3);
  });
});
