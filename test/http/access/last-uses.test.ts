import { expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import { createLastUses } from '../../../src/http/access/last-uses.ts';

it('writes once a minute what was used, and the rest at the end', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let [now, fails] = [1, 1];
  const written: [string, number][][] = [];
  const store = {
    async used(times: ReadonlyMap<string, number>) {
      if (fails-- > 0) throw new Error('away');
      written.push([...times]);
    },
  };
  const uses = createLastUses(store, createLogger('test', 'silent'), () => now);
  uses.note('a');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([]);
  for (now = 2; now < 5; now++) uses.note('a');
  uses.note('b');
  await vi.advanceTimersByTimeAsync(60_000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([
    [
      ['a', 4],
      ['b', 5],
    ],
  ]);
  uses.note('b');
  await uses.close();
  expect(written).toHaveLength(2);
});
