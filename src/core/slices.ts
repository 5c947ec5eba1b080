import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that pauses between its parts; the answer comes at the end. */
export type Sliced<T> = Generator<void, T>;

/** Longest time for which work in slices keeps others waiting, in milliseconds. */
const SLICE_MS = 2;

/** All of it at once, for processes with nothing else to do. @param onPart told the number of parts that are done */
export function runAtOnce<T>(work: Sliced<T>, onPart?: (parts: number) => void): T {
  for (let parts = 1; ; parts++) {
    const { done, value } = work.next();
    if (done) return value;
    onPart?.(parts);
  }
}

/**
 * With turns for everybody else in between: parts are run together until they have taken two milliseconds.
 * @param signal aborted when nobody waits for the answer any more; rejects with its reason then
 */
export async function runInSlices<T>(work: Sliced<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < until);
    await nextTurn();
    if (!signal?.aborted) continue;
    // Lets the work give back what it holds.
    work.return(undefined as never);
    throw signal.reason;
  }
}
