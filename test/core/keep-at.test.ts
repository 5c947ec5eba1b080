import { expect, it } from 'vitest';
import { keepAt } from '../../src/core/keep-at.ts';

it('goes on after a failure, which it tells, until the signal', async () => {
  const ending = new AbortController();
  const failures: string[] = [];
  let times = 0;
  const work = async () => {
    times++;
    if (times === 2) throw new Error('away');
    if (times === 3) ending.abort();
  };
  await keepAt(work, {
    ...{ signal: ending.signal, intervalMs: 1 },
    onFailure: (reason) => void failures.push(reason),
  });
  expect([times, failures]).toEqual([3, ['away']]);
});

it('does not pause where there is more to do, and a signal ends a pause', async () => {
  const ending = new AbortController();
  let times = 0;
  const work = async () => {
    times++;
    if (times < 3) return true;
    setImmediate(() => ending.abort());
    return false;
  };
  // A pause of this length would outlast the test.
  await keepAt(work, { ...{ signal: ending.signal, intervalMs: 3_600_000 }, onFailure() {} });
  expect(times).toBe(3);
});

it('does nothing where it is over already', async () => {
  let times = 0;
  const work = async () => void times++;
  await keepAt(work, { ...{ signal: AbortSignal.abort(), intervalMs: 1 }, onFailure() {} });
  expect(times).toBe(0);
});
