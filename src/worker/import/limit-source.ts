import { Readable } from 'node:stream';
import { type AppError, problem } from '../../core/errors.ts';

/** Limits on the source of an import. 0 is no limit. */
export interface ImportLimits {
  /** `MIN_IMPORT_BYTES_PER_SECOND`: on average over a window of waiting. */
  leastBytesPerSecond: number;
  /** `MAX_IMPORT_SECONDS` of one attempt. */
  mostSeconds: number;
  /** Milliseconds of waiting over which the rate is taken. */
  windowMs?: number;
}

export interface LimitedSource {
  bytes: Readable;
  bytesRead(): number;
  /** Lets go of the file, also where nobody has begun to read it. */
  close(): void;
}

const WINDOW_MS = 60_000;
const LOOKS_IN_A_WINDOW = 20;

/**
 * Passes a file on and ends it with `source-too-slow` or `import-timeout` where it breaks a limit. Only the time in which we wait for
 * its bytes counts for the rate: a database that is slow to store them is no fault of the source.
 * @param startedAt time of `performance.now()` at which the attempt began
 */
export function limitSource(
  stream: Readable,
  name: string,
  { leastBytesPerSecond, mostSeconds, windowMs = WINDOW_MS }: ImportLimits,
  startedAt: number,
): LimitedSource {
  let bytesRead = 0;
  let inWindow = 0;
  let waitedMs = 0;
  let waitingSince: number | undefined;

  function broken(now: number): AppError | undefined {
    if (mostSeconds > 0 && now - startedAt > mostSeconds * 1000) return tooLong(mostSeconds);
    const waited = waitedMs + (waitingSince === undefined ? 0 : now - waitingSince);
    if (waited < windowMs) return undefined;
    const rate = (1000 * inWindow) / waited;
    [inWindow, waitedMs] = [0, 0];
    if (waitingSince !== undefined) waitingSince = now;
    return rate < leastBytesPerSecond ? tooSlow(name, rate, leastBytesPerSecond) : undefined;
  }

  async function* paced() {
    const timer = setInterval(() => {
      const error = broken(performance.now());
      if (error) stream.destroy(error);
    }, windowMs / LOOKS_IN_A_WINDOW);
    const chunks = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        waitingSince = performance.now();
        const { done, value } = await chunks.next();
        waitedMs += performance.now() - waitingSince;
        waitingSince = undefined;
        if (done) return;
        bytesRead += value.length;
        inWindow += value.length;
        yield value as Buffer;
      }
    } finally {
      clearInterval(timer);
      stream.destroy();
    }
  }
  // One that fails before anybody reads tells so when it is read.
  stream.on('error', () => {});
  const bytes = Readable.from(paced(), { objectMode: false });
  return {
    bytes,
    bytesRead: () => bytesRead,
    close() {
      bytes.destroy();
      stream.destroy();
    },
  };
}

function tooSlow(name: string, rate: number, least: number): AppError {
  return problem(
    'source-too-slow',
    `${name} came at ${Math.round(rate)} bytes a second, and MIN_IMPORT_BYTES_PER_SECOND asks for ${least}`,
  );
}

function tooLong(mostSeconds: number): AppError {
  return problem(
    'import-timeout',
    `The attempt took longer than the ${mostSeconds} seconds of MAX_IMPORT_SECONDS`,
  );
}
