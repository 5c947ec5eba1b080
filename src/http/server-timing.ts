import type { Timing } from '../serving/answers/request.ts';

/** The header of that name: milliseconds with microseconds behind the point. */
export function serverTiming({ history, vector, scan }: Timing, started: number): string {
  return `history;dur=${micro(history)}, vector;dur=${micro(vector)}, scan;dur=${micro(scan)}, total;dur=${micro(performance.now() - started)}`;
}

/** toFixed is several times slower. */
function micro(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
