import { setTimeout as sleep } from 'node:timers/promises';

/** Long for a busy machine, and shorter than the 30 seconds after which BullMQ by itself takes a job up again whose worker is gone. */
const LONG_MS = 25_000;

/** Asks again until the answer is no longer null, undefined or false; fails with `what` when that takes too long. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = LONG_MS,
  pauseMs = 20,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`Did not happen within ${timeoutMs} ms: ${what}`);
    await sleep(pauseMs);
  }
}
