import type { LoadResult } from '../serve/load.ts';
import type { Beside } from './keep-busy.ts';
import { growthPerHour, median, type Reading } from './slope.ts';

/** Readings of each figure, under names such as `api: memory, MiB`. */
export type Readings = Map<string, Reading[]>;

export interface Soak {
  readings: Readings;
  minutes: number;
  load: LoadResult;
  beside: Beside;
  /** Processes that ended by themselves and were started again. */
  restarts: string[];
}

/** Caches fill and the heap finds its size in the first part of a run, which counts for no slope. */
const WARM_UP = 0.25;
/** Growth in an hour beyond which a figure is not flat, by the unit after the comma. */
const MOST_PER_HOUR: Record<string, number> = { MiB: 25, handles: 5, ms: 10 };

export interface Row {
  what: string;
  first: number;
  last: number;
  most: number;
  perHour: number;
  isFlat: boolean;
}

/** @returns a row for each figure: medians of the first and the last quarter after the warm-up, the most, and the growth */
export function soakRows(readings: Readings): Row[] {
  return [...readings].map(([what, all]) => {
    const from = all[Math.floor(all.length * WARM_UP)]?.seconds ?? 0;
    const counted = all.filter(({ seconds }) => seconds >= from);
    const quarter = Math.max(1, counted.length >> 2);
    const values = counted.map(({ value }) => value);
    const perHour = growthPerHour(counted);
    return {
      what,
      first: median(values.slice(0, quarter)),
      last: median(values.slice(-quarter)),
      most: Math.max(...all.map(({ value }) => value)),
      perHour,
      isFlat: perHour <= (MOST_PER_HOUR[what.split(', ').at(-1)!] ?? 0),
    };
  });
}

/** @returns why the run does not pass; empty when it does */
export function soakFaults({ readings, load, beside, restarts }: Soak): string[] {
  const bad = Object.entries({ ...beside.jobs, ...beside.imports }).filter(
    ([how]) => how !== 'succeeded' && how !== 'not ended yet',
  );
  return [
    ...soakRows(readings)
      .filter(({ isFlat }) => !isFlat)
      .map(({ what, perHour }) => `${what}: grows by ${perHour.toFixed(1)} an hour`),
    ...bad.map(([how, times]) => `${times} jobs or imports: ${how}`),
    ...restarts.map((name) => `${name} ended by itself`),
    ...(load.failed > 0 ? [`${load.failed} recommendations failed: ${JSON.stringify(load.failures)}`] : []),
    ...(beside.failedPosts > 0 ? [`${beside.failedPosts} posts failed`] : []),
  ];
}

export function soakPage(soak: Soak, args: readonly string[]): string {
  const { minutes, load, beside } = soak;
  const rows = soakRows(soak.readings).map(
    ({ what, first, last, most, perHour, isFlat }) =>
      `| ${what} | ${[first, last, most, perHour].map((n) => n.toFixed(1)).join(' | ')} | ${isFlat ? 'yes' : '**no**'} |`,
  );
  const faults = soakFaults(soak);
  const counts = (of: Record<string, number>) =>
    Object.entries(of)
      .map(([how, times]) => `${times} ${how}`)
      .join(', ') || 'none';
  return `# One load for a long time

\`npm run bench:soak${args.length > 0 ? ` -- ${args.join(' ')}` : ''}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}

For ${minutes} minutes: ${load.perSecond.toFixed(0)} recommendations a second, one post of an event every half a second, imports of 5,000 rows and jobs that renew the model, the same rows again and again, so that nothing has to grow. Versions beyond the newest two are deleted, and kept teachers may take 64 MiB.

| what | |
|---|---|
| recommendations | ${load.requests}, ${load.failed} failed |
| p50, p99 | ${load.p50Ms.toFixed(1)} ms, ${load.p99Ms.toFixed(1)} ms |
| posts of events | ${beside.posts}, ${beside.failedPosts} failed |
| imports | ${counts(beside.imports)} |
| jobs | ${counts(beside.jobs)} |

Medians of the first and the last quarter, after a quarter of the run as warm-up; the growth is the median of the slopes of all pairs of readings. Flat is at most ${Object.entries(
    MOST_PER_HOUR,
  )
    .map(([unit, most]) => `${most} ${unit}`)
    .join(', ')} an hour.

| figure | first quarter | last quarter | most | growth an hour | flat |
|---|---|---|---|---|---|
${rows.join('\n')}

${faults.length === 0 ? 'Nothing grows, nothing failed.' : faults.map((fault) => `* ${fault}`).join('\n')}
`;
}
