import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchBeats } from '../../src/core/heartbeat.ts';

const FAKED = { toFake: ['setInterval', 'clearInterval', 'performance'] as never };
beforeEach(() => void vi.useFakeTimers(FAKED));
afterEach(() => void vi.useRealTimers());

function watched(isAtWork?: () => boolean) {
  const child = new EventEmitter();
  const silent = vi.fn();
  const end = watchBeats(child as ChildProcess, {
    ...{ silenceMs: 1_000, onSilence: silent },
    ...(isAtWork && { isAtWork }),
  });
  return { silent, end, say: (kind: string) => child.emit('message', { kind }) };
}

it('a process that never says anything is noticed', () => {
  const { silent } = watched();
  vi.advanceTimersByTime(900);
  expect(silent).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(silent).toHaveBeenCalledTimes(1);
});

it('a process that is silent for too long is noticed once', () => {
  const { silent, say } = watched();
  vi.advanceTimersByTime(500);
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

it('one that says nothing while it works is let be, until it stands still', () => {
  let works = true;
  const { silent, say } = watched(() => works);
  say('beat');
  vi.advanceTimersByTime(5_000);
  expect(silent).not.toHaveBeenCalled();
  works = false;
  vi.advanceTimersByTime(1_500);
  expect(silent).toHaveBeenCalledTimes(1);
});
