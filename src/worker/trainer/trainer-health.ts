import type { TrainerHealth } from '../../domain/jobs/worker.ts';
import type { HealthMessage } from '../../jobs/contract.ts';
import { askChild } from './ask-child.ts';
import type { TrainerOptions } from './trainer-process.ts';

/** Compiling the kernels of a new GPU takes minutes, once. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Loads TensorFlow in a process of its own, as a trainer would, and says what it found.
 * @param signal ends it at once
 * @throws Error with the reason why no trainer could run here
 */
export async function probeTrainer(
  { file, env }: Pick<TrainerOptions, 'file' | 'env'>,
  signal: AbortSignal,
): Promise<TrainerHealth> {
  const message = await askChild<HealthMessage>({ file, env, patienceMs: PATIENCE_MS, signal });
  if (message.kind !== 'health') throw new Error(message.reason);
  return message.health;
}
