import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { untilReadyMessage } from '../../../dist/bin/all-in-one/ready.js';
import { supervise } from '../../../dist/bin/all-in-one/supervise.js';

/** Supervises a toy and waits for what it does on the way. */
function keep(env: Record<string, string>) {
  const log: string[] = [];
  const logger = { error: (_: object, text: string) => void log.push(text), info() {}, warn() {} };
  const pids = new Set<number>();
  const kept = supervise({
    ...{ name: 'toy', file: pathToFileURL(path.join(import.meta.dirname, 'hung-child.mjs')) },
    env: { ...process.env, ...env },
    untilReady: async (child: ChildProcess, signal: AbortSignal) => {
      pids.add(child.pid!);
      await untilReadyMessage(child, signal);
    },
    ...{ graceMs: 1_000, silenceMs: 3_000, logger: logger as never },
  });
  return { kept, log, pids };
}

it.each([
  ['whose event loop stands still', { HANGS: 'loop' }, () => {}],
  ['that was stopped with SIGSTOP', {}, (pid: number) => process.kill(pid, 'SIGSTOP')],
])('a process %s is killed and started again', async (_, env, strike) => {
  const { kept, log, pids } = keep(env as Record<string, string>);
  await kept.ready;
  const [first] = pids;
  strike(first!);
  await expect.poll(() => pids.size, { timeout: 60_000, interval: 100 }).toBeGreaterThan(1);
  await kept.stop();
  expect(log.slice(0, 2)).toEqual([
    'a process hangs; it is killed',
    'a process ended unexpectedly; starting it again',
  ]);
  expect(() => process.kill(first!, 0)).toThrow('ESRCH');
});
