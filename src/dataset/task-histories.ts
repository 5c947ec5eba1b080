import { type Csr, commonRows, emptyCsr, filterEntries, unionRows } from './matrix.ts';
import { historyFor, type Split } from './split/split.ts';
import type { Pairs } from './split/split-parts.ts';

export interface SplitTask {
  name: string;
  pairs: Pairs;
  split: Split;
}

/** Training pairs of all behaviours together, [users, items]: the histories that a student with several tasks reads. */
export function trainHistories(tasks: readonly SplitTask[], context: Pairs | null): Csr {
  const all = tasks.map(({ split }) => split.train);
  return all.reduce(unionRows, context?.matrix ?? nothingLike(all[0]!));
}

/**
 * Histories from which one task's held-out pairs are predicted: of the other behaviours they hold only what came before the
 * first of these pairs. Nothing is left out where there are no times.
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
    .map(({ pairs, split }) => commonRows(before(pairs, until), unionRows(split.train, split.foldIn)));
  const more = context ? [before(context, until)] : [];
  return [...others, ...more].reduce(unionRows, historyFor(own.split, predicted.part));
}

/** Every pair once, with its greatest weight and its first time. */
export function unionPairs(parts: readonly Pairs[]): { matrix: Csr; firstSeen: Float64Array } {
  const matrix = parts.map((part) => part.matrix).reduce(unionRows);
  const firstSeen = new Float64Array(matrix.indices.length).fill(Number.NaN);
  for (const part of parts) {
    for (let u = 0; u < matrix.rows; u++) {
      let p = matrix.indptr[u]!;
      for (let q = part.matrix.indptr[u]!; q < part.matrix.indptr[u + 1]!; q++) {
        while (matrix.indices[p]! < part.matrix.indices[q]!) p++;
        const time = part.firstSeen[q]!;
        if (!(firstSeen[p]! <= time) && !Number.isNaN(time)) firstSeen[p] = time;
      }
    }
  }
  return { matrix, firstSeen };
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

function before({ matrix, firstSeen }: Pairs, until: Float64Array): Csr {
  let user = 0;
  return filterEntries(matrix, (p) => {
    while (p >= matrix.indptr[user + 1]!) user++;
    return !(firstSeen[p]! >= until[user]!);
  });
}

function nothingLike({ rows, columns }: Csr): Csr {
  return emptyCsr(rows, columns);
}
