import { fork } from 'node:child_process';
import type { DriftFigures } from '../../domain/drift/drift-check.ts';
import type { DriftMessage, DriftTask } from '../../jobs/drift-contract.ts';
import { keepTail } from '../trainer/stderr-tail.ts';

/** A sample of users takes seconds; whatever takes so long hangs. */
const PATIENCE_MS = 30 * 60_000;

/**
 * Forks a process that measures one model.
 * @param signal ends it at once
 * @throws Error with the reason why nothing was measured
 */
export function runDriftProcess(
  { file, env }: { file: URL; env: Record<string, string | undefined> },
  task: DriftTask,
  signal: AbortSignal,
): Promise<DriftFigures> {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], {
      env,
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
      timeout: PATIENCE_MS,
    });
    const stderr = keepTail(child.stderr!, () => {});
    child.once('message', (message: DriftMessage) => {
      if (message.kind === 'measured') resolve(message.figures);
      else reject(new Error(message.reason));
    });
    child.once('error', reject);
    child.once('close', (code, by) => {
      reject(new Error(`the process ended with ${by ?? code}: ${stderr().split('\n').at(-1) ?? ''}`));
    });
    child.send(task, () => {});
  });
}
