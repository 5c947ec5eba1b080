import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout. `name` is the process: api, worker or trainer. */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  return pino({ name, level, base: { pid: process.pid } }, destination ?? pino.destination(1));
}

const MOST_WAITING_BYTES = 16 << 20;

/**
 * Stdout for a process whose event loop must not wait: written in the background, many lines at once where they come
 * fast. A file on the disk of the database would otherwise hold the loop up at each of its commits, for milliseconds.
 * All is written at exit; a process that is killed loses what it said last, and a reader that hangs loses lines.
 */
export function stdoutInBackground(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, maxLength: MOST_WAITING_BYTES });
}
