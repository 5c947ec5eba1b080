import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchBeats } from '../../../src/bin/all-in-one/heartbeat.ts';

const FAKED = { toFake: ['setInterval', 'clearInterval', 'performance'] as never };
beforeEach(() => void vi.useFakeTimers(FAKED));
afterEach(() => void vi.useRealTimers());

function watched() {
  const child = new EventEmitter();
  const silent = vi.fn();
  const end = watchBeats(child as ChildProcess, 1_000, silent);
  return { silent, end, say: (kind: string) => child.emit('message', { kind }) };
}

it('a process that is silent for too long is noticed once, after its first beat', () => {
  const { silent, say } = watched();
  vi.advanceTimersByTime(5_000);
  expect(silent).not.toHaveBeenCalled();
  say('beat');
  vi.advanceTimersByTime(900);
  say('ready');
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(silent).toHaveBeenCalledTimes(1);
});

it('one that beats is let be, and so is one that is no longer watched', () => {
  const { silent, say, end } = watched();
  for (let i = 0; i < 10; i++) {
    say('beat');
    vi.advanceTimersByTime(800);
  }
  end();
  vi.advanceTimersByTime(5_000);
  expect(silent).not.toHaveBeenCalled();
});

it('a watcher that was held up itself gives the beats time to be heard', () => {
  const { silent, say } = watched();
  say('beat');
  vi.advanceTimersByTime(100);
  const now = performance.now();
  const held = vi.spyOn(performance, 'now').mockReturnValue(now + 60_000);
  vi.advanceTimersByTime(100);
  expect(silent).not.toHaveBeenCalled();
  held.mockRestore();
});
