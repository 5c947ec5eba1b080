import { fork } from 'node:child_process';
import { keepTail } from './stderr-tail.ts';

interface Question {
  file: URL;
  env: Record<string, string | undefined>;
  /** Sent to the process, where it waits for a task. */
  task?: object;
  /** Whatever takes longer hangs, and is killed. */
  patienceMs: number;
  /** Ends the process at once. */
  signal: AbortSignal;
}

/**
 * Forks a process that says one thing and ends.
 * @returns its message
 * @throws Error with the last line that it wrote, where it ended without a message
 */
export function askChild<Message>({ file, env, task, patienceMs, signal }: Question): Promise<Message> {
  return new Promise((resolve, reject) => {
    const child = fork(file, [], {
      env,
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      signal,
      killSignal: 'SIGKILL',
      timeout: patienceMs,
    });
    const stderr = keepTail(child.stderr!, () => {});
    child.once('message', (message) => resolve(message as Message));
    child.once('error', reject);
    child.once('close', (code, by) => {
      reject(new Error(`the process ended with ${by ?? code}: ${stderr().split('\n').at(-1) ?? ''}`));
    });
    if (task) child.send(task, () => {});
  });
}
