import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchMemory } from '../../../src/worker/trainer/memory-limit.ts';

vi.mock('node:fs', () => ({ readFileSync: vi.fn() }));

const PID = 4242;
const LOOK_MS = 500;

/** Sets the kernel's answer about the process from now on. */
function takes(mib: number): void {
  vi.mocked(readFileSync).mockReturnValue(`Name:\tnode\nVmPeak:\t 9999999 kB\nVmRSS:\t ${mib * 1024} kB\n`);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a process', () => {
  it.each([
    [1000, []],
    [1001, [[1001]]],
    [1249, [[1249]]],
  ])('that takes %i MiB of 1000 is told of: %j', (mib, calls) => {
    takes(mib);
    const onExcess = vi.fn();
    const end = watchMemory(PID, 1000, onExcess);
    vi.advanceTimersByTime(LOOK_MS);
    end();
    expect(readFileSync).toHaveBeenCalledWith(`/proc/${PID}/status`, 'utf8');
    expect(onExcess.mock.calls).toEqual(calls);
  });

  it('that comes to take too much is told of once', () => {
    const onExcess = vi.fn();
    watchMemory(PID, 1000, onExcess);
    for (const mib of [900, 1000, 1100, 1200, 1300]) {
      takes(mib);
      vi.advanceTimersByTime(LOOK_MS);
    }
    expect(onExcess.mock.calls).toEqual([[1100]]);
  });

  it('that is gone is told of no more, nor is one whose watch has ended', () => {
    const onExcess = vi.fn();
    const end = watchMemory(PID, 1000, onExcess);
    vi.mocked(readFileSync).mockImplementation(() => {
      throw new Error('ENOENT');
    });
    vi.advanceTimersByTime(LOOK_MS);
    takes(2000);
    end();
    vi.advanceTimersByTime(LOOK_MS);
    expect(onExcess).not.toHaveBeenCalled();
  });
});
