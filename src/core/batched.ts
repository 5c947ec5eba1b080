import { setTimeout as sleep } from 'node:timers/promises';
import { problem } from './errors.ts';

interface Batching {
  /** The most that a batch may have. */
  most: number;
  /** A batch that nothing more comes for in so long is full. */
  pauseMs: number;
  /** Ends the reading with problem('not-ready'). */
  stop: AbortSignal;
}

/**
 * Puts what comes in lists of any length into batches. One list of the source is read ahead of the batch that is worked on, and no
 * more.
 */
export async function* batched<T>(
  source: AsyncIterable<Iterable<T>>,
  { most, pauseMs, stop }: Batching,
): AsyncGenerator<T[]> {
  const lists = source[Symbol.asyncIterator]();
  let waiting: T[] = [];
  let next = nextOf(lists);
  try {
    for (;;) {
      const got = await firstOf(next, waiting.length > 0 ? pauseMs : null, stop);
      if (got === 'pause') {
        yield waiting;
        waiting = [];
        continue;
      }
      if (got.done) break;
      next = nextOf(lists);
      for (const one of got.value) {
        waiting.push(one);
        if (waiting.length < most) continue;
        yield waiting;
        waiting = [];
      }
    }
    if (waiting.length > 0) yield waiting;
  } finally {
    // Not waited for: it ends when the source has answered.
    void lists.return?.().catch(() => {});
  }
}

function nextOf<T>(lists: AsyncIterator<T>): Promise<IteratorResult<T, void>> {
  const next = lists.next();
  // Whoever waits for it next hears of a failure.
  next.catch(() => {});
  return next;
}

async function firstOf<T>(next: Promise<T>, pauseMs: number | null, stop: AbortSignal): Promise<T | 'pause'> {
  const over = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const end = () => reject(problem('not-ready', 'The service is closing'));
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { signal: over.signal });
  });
  const pause = pauseMs === null ? [] : [sleep(pauseMs, 'pause' as const, { signal: over.signal })];
  for (const one of pause) one.catch(() => {});
  try {
    return await Promise.race([next, ...pause, stopped]);
  } finally {
    over.abort();
  }
}
