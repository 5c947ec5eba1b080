import { type Csr, commonRows, emptyCsr, filterEntries, unionRows } from './matrix.ts';
import { type NewestRows, newestOf } from './newest-rows.ts';
import type { Unlisted } from './seen.ts';
import { historyFor, type Split } from './split/split.ts';
import type { Pairs } from './split/split-parts.ts';

export interface SplitTask {
  name: string;
  pairs: Pairs;
  split: Split;
  /** Pairs and items that no list of the task shows, beside the pairs that count. */
  unlisted?: Unlisted;
}

/** Training pairs of all behaviours together, [users, items]: the histories that a student with several tasks reads. */
export function trainHistories(tasks: readonly SplitTask[], context: Pairs | null): Csr {
  const all = tasks.map(({ split }) => split.train);
  return all.reduce(unionRows, context?.matrix ?? nothingLike(all[0]!));
}

/**
 * Histories from which one task's held-out pairs are predicted: of the other behaviours they hold what came before the first of
 * these pairs, held-out pairs of theirs too, as serving would know them by then. Where there are no times they hold the training
 * pairs.
 */
export function taskHistories(
  tasks: readonly SplitTask[],
  context: Pairs | null,
  predicted: { name: string; part: 'validation' | 'test' },
): Csr {
  const own = tasks.find(({ name }) => name === predicted.name)!;
  const until = firstTimes(own.pairs, own.split[predicted.part]);
  const others = tasks
    .filter((task) => task !== own)
    .map(({ pairs, split }) =>
      unionRows(
        commonRows(before(pairs, until), unionRows(split.train, split.foldIn)),
        before(pairs, until, { timed: true }),
      ),
    );
  const more = context ? [before(context, until)] : [];
  return [...others, ...more].reduce(unionRows, historyFor(own.split, predicted.part));
}

/**
 * Every pair once, with the newest of its interactions before a moment of each user.
 * @param until [users] milliseconds, not included; all interactions without it
 */
export function unionNewest(parts: readonly Pairs[], until?: Float64Array): { matrix: Csr } & NewestRows {
  const matrix = parts.map((part) => part.matrix).reduce(unionRows);
  const time = new Float64Array(matrix.indices.length).fill(Number.NaN);
  const arrival = new Int32Array(matrix.indices.length).fill(-1);
  for (const part of parts) {
    const newest = newestOf(part, until);
    for (let u = 0; u < matrix.rows; u++) {
      let p = matrix.indptr[u]!;
      for (let q = part.matrix.indptr[u]!; q < part.matrix.indptr[u + 1]!; q++) {
        while (matrix.indices[p]! < part.matrix.indices[q]!) p++;
        const own = { time: newest.time[q]!, arrival: newest.arrival?.[q] ?? -1 };
        const isKnown = until === undefined || !(own.time >= until[u]!);
        if (!isKnown || !isNewer(own, { time: time[p]!, arrival: arrival[p]! })) continue;
        time[p] = own.time;
        arrival[p] = own.arrival;
      }
    }
  }
  return { matrix, time, arrival };
}

type Row = { time: number; arrival: number };

function isNewer(a: Row, b: Row): boolean {
  const [timeA, timeB] = [a.time, b.time].map((time) =>
    Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time,
  );
  return timeA! > timeB! || (timeA === timeB && a.arrival > b.arrival);
}

/** [users] the earliest time of the user's pairs in `part`, infinite where there is none. */
function firstTimes({ matrix, firstSeen }: Pairs, part: Csr): Float64Array {
  const first = new Float64Array(part.rows).fill(Number.POSITIVE_INFINITY);
  for (let u = 0; u < part.rows; u++) {
    let p = matrix.indptr[u]!;
    for (let q = part.indptr[u]!; q < part.indptr[u + 1]!; q++) {
      while (matrix.indices[p]! < part.indices[q]!) p++;
      if (firstSeen[p]! < first[u]!) first[u] = firstSeen[p]!;
    }
  }
  return first;
}

/** Pairs that came up before a moment of each user. @param timed leaves out those without a time, and users without a moment */
function before(pairs: Pairs, until: Float64Array, { timed = false } = {}): Csr {
  const { matrix, firstSeen } = pairs;
  let user = 0;
  return filterEntries({ ...matrix, values: newestOf(pairs, until).values }, (p) => {
    while (p >= matrix.indptr[user + 1]!) user++;
    const [time, end] = [firstSeen[p]!, until[user]!];
    return timed ? time < end && end < Number.POSITIVE_INFINITY : !(time >= end);
  });
}

function nothingLike({ rows, columns }: Csr): Csr {
  return emptyCsr(rows, columns);
}
