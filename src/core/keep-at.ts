import { setTimeout } from 'node:timers/promises';
import { messageOf } from './errors.ts';

interface Keeping {
  signal: AbortSignal;
  /** Milliseconds between the end of one time and the next. */
  intervalMs: number;
  /** Told the reason of a failure, which ends nothing. */
  onFailure(reason: string): void;
}

/** Does the work again and again until the signal. One that answers true wants its next time at once. */
export async function keepAt(
  work: () => Promise<unknown>,
  { signal, intervalMs, onFailure }: Keeping,
): Promise<void> {
  while (!signal.aborted) {
    const wantsMore = await work().catch((error) => onFailure(messageOf(error)));
    if (wantsMore !== true) await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
