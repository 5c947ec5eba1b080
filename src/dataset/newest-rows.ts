import type { Csr } from './matrix.ts';

/**
 * The interactions of the pairs that came up more than once, by pair and time; what a pair was earlier follows from them. The weight
 * of each is that of the pair once it had come, so that the newest one says it.
 */
export interface Repeats {
  /** [rows] position of the pair in the matrix, ascending. */
  position: Int32Array;
  /** [rows] milliseconds, NaN where there is none. */
  time: Float64Array;
  /** [rows] */
  weight: Float32Array;
  /** [rows] place among all stored rows. */
  arrival: Int32Array;
}

/** The pairs of one matrix with the moments of their interactions. */
export interface TimedPairs {
  matrix: Csr;
  /** [nnz] milliseconds of each pair's first interaction, NaN where none has a time. */
  firstSeen: Float64Array;
  /** [nnz] place of that interaction among all stored rows. */
  arrival?: Int32Array | undefined;
  repeats?: Repeats;
}

/** The newest interaction of each pair, which decides its place in a live history. */
export interface NewestRows {
  /** [nnz] milliseconds, NaN where none has a time. */
  time: Float64Array;
  /** [nnz] place among all stored rows, which decides between equal times; without it the position of the pair does. */
  arrival?: Int32Array | undefined;
}

/**
 * Returns the pairs as they were at one moment of each user: the newest interaction before it and the weight by then. The first
 * interaction of a pair and those without a time are always part of it.
 * @param until [users] milliseconds, not included; all interactions without it
 * @returns the arrays of the pairs themselves where no pair was repeated
 */
export function newestOf(pairs: TimedPairs, until?: Float64Array): NewestRows & { values: Float32Array } {
  const { matrix, firstSeen, arrival, repeats } = pairs;
  if (!repeats) return { values: matrix.values, time: firstSeen, arrival };
  const newest = { values: matrix.values.slice(), time: firstSeen.slice(), arrival: arrival!.slice() };
  let user = 0;
  for (let r = 0; r < repeats.position.length; r++) {
    const p = repeats.position[r]!;
    while (p >= matrix.indptr[user + 1]!) user++;
    const time = repeats.time[r]!;
    const isKnown = !(time > firstSeen[p]!) || until === undefined || time < until[user]!;
    if (!isKnown) continue;
    newest.values[p] = repeats.weight[r]!;
    const isNewer =
      time > newest.time[p]! || (time === newest.time[p] && repeats.arrival[r]! > newest.arrival[p]!);
    const isUntimed = Number.isNaN(newest.time[p]!) && repeats.arrival[r]! > newest.arrival[p]!;
    if (isNewer || isUntimed) {
      newest.time[p] = time;
      newest.arrival[p] = repeats.arrival[r]!;
    }
  }
  return newest;
}

/** The repeats of some of the pairs. @param place [nnz] their new positions, ascending; -1 for those that go */
export function repeatsAt(repeats: Repeats | undefined, place: Int32Array): { repeats?: Repeats } {
  if (!repeats) return {};
  const kept = Int32Array.from(repeats.position, (_, r) => r).filter(
    (r) => place[repeats.position[r]!]! >= 0,
  );
  if (kept.length === 0) return {};
  return {
    repeats: {
      position: kept.map((r) => place[repeats.position[r]!]!),
      time: Float64Array.from(kept, (r) => repeats.time[r]!),
      weight: Float32Array.from(kept, (r) => repeats.weight[r]!),
      arrival: kept.map((r) => repeats.arrival[r]!),
    },
  };
}
