import { describe, expect, it } from 'vitest';
import type { WorkerBeat } from '../../src/domain/jobs/worker.ts';
import type { StoreUnderTest } from './store-suite.ts';

const beat = (id: string, jobs: string[] = []): WorkerBeat => ({
  id,
  host: 'here',
  concurrency: 1,
  jobs,
  trainer: null,
  problem: null,
});

export function workersSuite({ database }: StoreUnderTest): void {
  describe('workers', () => {
    it('keeps the first beat as the start and shows what the newest says', async () => {
      let now = 0;
      const { workers } = await (await database(() => now))();
      await workers.beat(beat('a'));
      now = 5000;
      await workers.beat(beat('a', ['job_1']));
      expect(await workers.alive(10_000)).toEqual([
        {
          ...beat('a', ['job_1']),
          startedAt: '1970-01-01T00:00:00.000Z',
          seenAt: '1970-01-01T00:00:05.000Z',
        },
      ]);
    });

    it('counts a worker as gone when it was silent for too long, or said goodbye', async () => {
      let now = 0;
      const { workers } = await (await database(() => now))();
      await workers.beat(beat('silent'));
      now = 20_000;
      await workers.beat(beat('alive'));
      await workers.beat(beat('leaving'));
      await workers.leave('leaving');
      expect((await workers.alive(10_000)).map(({ id }) => id)).toEqual(['alive']);
      expect((await workers.alive(20_000)).map(({ id }) => id)).toEqual(['alive', 'silent']);
    });
  });
}
