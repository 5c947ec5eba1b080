import { type ChildProcess, fork } from 'node:child_process';
import { watchBeats } from '../../core/heartbeat.ts';
import type { NewVersion } from '../../domain/answers/model.ts';
import type { StoredProblem } from '../../domain/base/problem.ts';
import type { JobProgress } from '../../domain/jobs/job.ts';
import type { PartAnswer, PartMessage, TrainerMessage, TrainerTask } from '../../jobs/contract.ts';
import { eachLine } from './lines.ts';
import { createWorkSince } from './processor-time.ts';
import { keepTail } from './stderr-tail.ts';

export type TrainerOutcome =
  | { kind: 'done'; version: NewVersion; warnings: string[] }
  | { kind: 'part-done'; isKept: boolean }
  | { kind: 'failed'; problem: StoredProblem; retryable: boolean }
  | { kind: 'crashed'; exitCode: number | null; signal: NodeJS.Signals | null; stderr: string; hung?: true };

export interface TrainerProcess {
  pid: number | undefined;
  /** Resolves, and never rejects, when the process is gone and so its memory is back. */
  outcome: Promise<TrainerOutcome>;
  /** Asks it to stop, and kills it after the grace period. */
  stop(): void;
  kill(): void;
}

export interface TrainerOptions {
  /** The script to fork. */
  file: URL;
  env: Record<string, string | undefined>;
  graceMs: number;
  /** A trainer that neither says anything nor takes processor time for so long hangs, and is killed. */
  silenceMs?: number;
}

/** Far longer than a trainer waits for a file or a database; a native call that takes minutes takes processor time too. */
const SILENCE_MS = 120_000;

interface TrainerListeners {
  onProgress(progress: JobProgress): void;
  onWarning(message: string): void;
  /** Called with each line of its output and its error output. */
  onLine(line: string): void;
  /** Called with what it asks about parts of its job. */
  onPart?(message: PartMessage, answer: (answer: PartAnswer) => void): void;
}

/**
 * One process per job: neither host nor GPU memory is given back before TensorFlow's process ends, and a native
 * crash takes only the job along. The child ends by itself when the channel to it closes, so that it does not
 * outlive a worker that was killed.
 */
export function startTrainer(
  task: TrainerTask,
  options: TrainerOptions,
  listeners: TrainerListeners,
): TrainerProcess {
  const child = fork(options.file, [], {
    env: options.env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout!.on('data', (chunk: Buffer) => process.stdout.write(chunk));
  eachLine(child.stdout!, listeners.onLine);
  eachLine(child.stderr!, listeners.onLine);
  const stderr = keepTail(child.stderr!, (chunk) => process.stderr.write(chunk));
  let killTimer: NodeJS.Timeout | undefined;
  const killAfterGrace = () => {
    killTimer ??= setTimeout(() => child.kill('SIGKILL'), options.graceMs);
  };

  let hung = false;
  const endWatch = watchBeats(child, {
    silenceMs: options.silenceMs ?? SILENCE_MS,
    ...(child.pid !== undefined && { isAtWork: createWorkSince(child.pid) }),
    onSilence() {
      hung = true;
      child.kill('SIGKILL');
    },
  });

  let last: TrainerOutcome | undefined;
  child.on('message', (message: TrainerMessage) => {
    if (message.kind === 'progress') return listeners.onProgress(message.progress);
    if (message.kind === 'warning') return listeners.onWarning(message.message);
    if (message.kind === 'beat') return;
    if (message.kind === 'offer-parts' || message.kind === 'claim-part' || message.kind === 'release-part')
      return listeners.onPart?.(message, (answer) => child.connected && child.send(answer, () => {}));
    last = message;
    // It has nothing left to do; native libraries have been seen to hang while they are unloaded.
    killAfterGrace();
  });
  // Sending fails when the child is gone already; its end is reported below.
  child.send(task, () => {});

  return {
    pid: child.pid,
    outcome: endOf(child).then(({ exitCode, signal, error }) => {
      clearTimeout(killTimer);
      endWatch();
      const said = [stderr(), error].filter(Boolean).join('\n');
      return last ?? { kind: 'crashed', exitCode, signal, stderr: said, ...(hung && { hung }) };
    }),
    stop() {
      child.kill('SIGTERM');
      killAfterGrace();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

interface End {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  error?: string;
}

/** `close` comes after `exit`, when the last of its error output has been read. */
function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
    // It could not even be started.
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ exitCode: null, signal: null, error: error.message });
    });
  });
}
