import { expect, it } from 'vitest';
import { workerClocks } from '../../../src/worker/queue/clocks.ts';

it('misses a worker after ten seconds unless told otherwise', () => {
  expect(workerClocks()).toEqual({
    lockMs: 10_000,
    pollMs: 1000,
    takeoverMs: 3000,
    stalledCheckMs: 5000,
    busyPauseMs: 5000,
    reconcileEveryMs: 15_000,
    heldUpPauseMs: 15_000,
  });
});

it.each([1000, 2000, 10_000, 3_600_000])('of %d ms has clocks that fit each other', (lostAfterMs) => {
  const { lockMs, pollMs, takeoverMs, stalledCheckMs } = workerClocks(lostAfterMs);
  expect(lockMs).toBe(lostAfterMs);
  // A lock is renewed several times before it runs out, and a run that was taken over has looked before the next begins.
  expect(pollMs).toBeLessThan(lockMs / 4);
  expect(takeoverMs).toBeGreaterThanOrEqual(2 * pollMs);
  expect(takeoverMs).toBeLessThan(lockMs);
  expect(stalledCheckMs).toBeLessThan(lockMs);
  // A cancel arrives within a second, however long locks last.
  expect(pollMs).toBeLessThanOrEqual(1000);
});
