import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface KeptProcess {
  name: string;
  /** Undefined between an end and the next start. */
  pid(): number | undefined;
  /** For good. */
  stop(): Promise<void>;
}

const RESTART_MS = 300;
const STOP_MS = 20_000;

/** A program of the service, started again whenever it ends, as an operator's supervisor does. */
export function keepProcess(
  name: string,
  file: string,
  env: Record<string, string | undefined>,
  onLine: (line: string) => void,
  args: readonly string[] = [],
): KeptProcess {
  let child: ChildProcess | undefined;
  let isStopping = false;

  async function keep(): Promise<void> {
    while (!isStopping) {
      const started = fork(file, args, {
        env,
        // Ends it when this process is gone, however that came.
        execArgv: ['--import', path.resolve('dist/bin/exit-with-parent.js')],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) splitLines(stream, onLine);
      await new Promise<void>((resolve) => started.once('exit', () => resolve()));
      child = undefined;
      await sleep(RESTART_MS);
    }
  }

  const kept = keep();
  return {
    name,
    pid: () => child?.pid,
    async stop() {
      isStopping = true;
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
      await kept;
      clearTimeout(timer);
    },
  };
}

function splitLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}
