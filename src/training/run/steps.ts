import { problem } from '../../core/errors.ts';
import type { Split } from '../../dataset/split/split.ts';

/** Notes how long a stage took. */
export async function timed<T>(
  seconds: Record<string, number>,
  name: string,
  run: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  try {
    return await run();
  } finally {
    seconds[name] = Math.round(performance.now() - started) / 1000;
  }
}

/** Lets signals and messages in between two batches of work that never waits by itself. */
export async function yieldTo(signal: AbortSignal, report: () => void): Promise<void> {
  report();
  await new Promise((resolve) => setImmediate(resolve));
  if (signal.aborted) throw problem('cancelled', 'the evaluation was cancelled');
}

/** Before hours of training, not after them. */
export function refuseEmptyTest(split: Split): void {
  if (split.test.indices.length > 0) return;
  throw problem(
    'not-enough-data',
    "The split holds out nothing for the test: no user has enough pairs that count (three pairs where each user's are split)",
  );
}
