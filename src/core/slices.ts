import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that pauses between its parts; the answer comes at the end. */
export type Sliced<T> = Generator<void, T>;

/** All of it at once, for processes with nothing else to do. @param onPart told the number of parts that are done */
export function runAtOnce<T>(work: Sliced<T>, onPart?: (parts: number) => void): T {
  for (let parts = 1; ; parts++) {
    const { done, value } = work.next();
    if (done) return value;
    onPart?.(parts);
  }
}

/** With turns for everybody else in between: parts are run together until they have taken so many milliseconds. */
export async function runInSlices<T>(work: Sliced<T>, sliceMs = 2): Promise<T> {
  for (;;) {
    const until = performance.now() + sliceMs;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < until);
    await nextTurn();
  }
}
