import { fork } from 'node:child_process';
import type { TrainerHealth } from '../../domain/jobs/worker.ts';
import type { HealthMessage } from '../../jobs/contract.ts';
import { keepTail } from './stderr-tail.ts';
import type { TrainerOptions } from './trainer-process.ts';

/** Compiling the kernels of a new GPU takes minutes, once. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Forks a process that loads TensorFlow as a trainer would and says what it found.
 * @param signal ends it at once
 * @throws Error with the reason why no trainer could run here
 */
export function probeTrainer(
  { file, env }: Pick<TrainerOptions, 'file' | 'env'>,
  signal: AbortSignal,
): Promise<TrainerHealth> {
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
    child.once('message', (message: HealthMessage) => {
      if (message.kind === 'health') resolve(message.health);
      else reject(new Error(message.reason));
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`it ended with ${signal ?? code}: ${stderr().split('\n').at(-1) ?? ''}`));
    });
  });
}
