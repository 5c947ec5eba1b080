import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import type { JobProgress } from '../../../src/domain/jobs/job.ts';
import { createProgressWriter } from '../../../src/worker/queue/progress-writer.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const step = (epoch: number, fraction: number): JobProgress => ({ stage: 'teacher', epoch, fraction });
const end = (epoch: number): JobProgress => ({ ...step(epoch, epoch / 60), epochEnd: true });

function writer() {
  const written: JobProgress[] = [];
  const { report, flush } = createProgressWriter(
    async (progress) => void written.push(progress),
    createLogger('test', 'silent'),
  );
  return { written, report, flush };
}

describe('the record of progress', () => {
  it('has the end of every epoch, however fast they follow each other', async () => {
    const { written, report, flush } = writer();
    for (let epoch = 1; epoch <= 60; epoch++) {
      report(step(epoch, epoch / 61));
      report(end(epoch));
    }
    await flush();
    expect(written.filter(({ epochEnd }) => epochEnd).map(({ epoch }) => epoch)).toEqual(
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
  });

  it('has of the steps between the newest of each tenth of a second, in their order', async () => {
    const { written, report, flush } = writer();
    report(step(1, 0.1));
    await vi.advanceTimersByTimeAsync(1);
    for (let i = 2; i <= 9; i++) {
      await vi.advanceTimersByTimeAsync(10);
      report(step(1, i / 10));
    }
    report(end(1));
    report(step(2, 0.95));
    await flush();
    expect(written.map(({ fraction }) => fraction)).toEqual([0.1, 1 / 60, 0.95]);
  });
});
