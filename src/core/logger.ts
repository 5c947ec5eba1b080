import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout. `name` is the process: api, worker or trainer. */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  return pino({ name, level, base: { pid: process.pid } }, destination ?? pino.destination(1));
}
