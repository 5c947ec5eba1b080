import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { builtProgram } from '../../core/built-file.ts';
import { watchBeats } from '../../core/heartbeat.ts';
import type { Logger } from '../../core/logger.ts';

export interface SupervisedProcess {
  /** Resolves when it is ready for the first time; rejects when it ends before that. */
  ready: Promise<void>;
  stop(): Promise<void>;
  /** Without grace. */
  kill(): void;
}

interface SupervisedOptions {
  name: string;
  file: URL;
  env: Record<string, string | undefined>;
  /** Resolves when the process does its work; gives up when the signal is aborted. */
  untilReady(child: ChildProcess, signal: AbortSignal): Promise<void>;
  graceMs: number;
  /** A process that is ready and whose event loop has stood still for so long is killed and started again. */
  silenceMs?: number;
  logger: Logger;
}

const SHORTEST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After living this long a process counts as healthy, and its next end as the first one. */
const HEALTHY_MS = 60_000;
/** Far longer than anything that an event loop does in one go. */
const SILENCE_MS = 60_000;

/** Keeps one child process running: again and again, with growing pauses, once it has been ready. */
export function supervise(options: SupervisedOptions): SupervisedProcess {
  const { name, logger } = options;
  const loaded = ['exit-with-parent', 'beat-to-parent'].flatMap((module) => [
    '--import',
    builtProgram(module).href,
  ]);
  let child: ChildProcess | undefined;
  let isStopping = false;
  const pause = new AbortController();

  async function runOnce(onReady: () => void): Promise<string> {
    const started = fork(options.file, [], {
      env: options.env,
      execArgv: loaded,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Ctrl-C in a terminal would otherwise reach all processes at once and not in the order in which they stop.
      detached: true,
    });
    child = started;
    const ended = new AbortController();
    const end = new Promise<string>((resolve) => {
      started.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      started.once('error', (error) => resolve(error.message));
    });
    const ready = options.untilReady(started, ended.signal);
    void ready.then(onReady, () => {});
    // Not before: a schema that is brought up to date may take its time.
    void ready.then(
      () => killWhenSilent(started, options, end),
      () => {},
    );
    return end.finally(() => ended.abort());
  }

  async function keepRunning(onReady: () => void): Promise<void> {
    let wasReady = false;
    for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const startedAt = Date.now();
      const how = await runOnce(() => {
        wasReady = true;
        onReady();
      });
      if (isStopping) return;
      if (!wasReady) throw new Error(`The ${name} process ended before it was ready (${how}).`);
      if (Date.now() - startedAt > HEALTHY_MS) pauseMs = SHORTEST_PAUSE_MS;
      logger.error({ process: name, how, pauseMs }, 'a process ended unexpectedly; starting it again');
      await sleep(pauseMs, undefined, { signal: pause.signal }).catch(() => {});
      if (isStopping) return;
    }
  }

  let running: Promise<void> | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    running = keepRunning(resolve);
    running.catch(reject);
  });
  const isAlive = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  return {
    ready,
    async stop() {
      isStopping = true;
      pause.abort();
      if (isAlive()) child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), options.graceMs);
      await running?.catch(() => {});
      clearTimeout(timer);
    },
    kill() {
      isStopping = true;
      pause.abort();
      if (isAlive()) child?.kill('SIGKILL');
    },
  };
}

function killWhenSilent(
  child: ChildProcess,
  { name, logger, silenceMs = SILENCE_MS }: SupervisedOptions,
  end: Promise<unknown>,
): void {
  const onSilence = () => {
    logger.error({ process: name, silenceMs }, 'a process hangs; it is killed');
    child.kill('SIGKILL');
  };
  const unwatch = watchBeats(child, { silenceMs, onSilence });
  void end.then(unwatch);
}
