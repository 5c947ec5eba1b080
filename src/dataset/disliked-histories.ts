import { type Csr, filterEntries } from './matrix.ts';
import { type DislikedPairs, seenBefore } from './seen.ts';

/**
 * The histories with what their users dislike in words beside them, the newest first in each row, as serving reads it: it moves
 * their vectors. The same histories where nobody dislikes anything so.
 * @param until [users] milliseconds, not included; all of it without it
 */
export function withDisliked(histories: Csr, disliked: DislikedPairs | undefined, until?: Float64Array): Csr {
  if (!disliked?.moves.some((moves) => moves > 0)) return histories;
  const { pairs, since, moves } = disliked;
  const timed = { pairs: { ...pairs, values: Float32Array.from(placesInTime(since)) }, since };
  const known = seenBefore({ pairs: { ...pairs, values: moves }, since }, until);
  const places = seenBefore(timed, until).values;
  const newestFirst = sortRows(known, (a, b) => places[b]! - places[a]!);
  return { ...histories, disliked: filterEntries(newestFirst, (p) => newestFirst.values[p]! > 0) };
}

/** The place of each time among all of them, which a float32 holds where it would not hold the time. */
function placesInTime(since: Float64Array): Float64Array {
  const times = [...new Set(since)].sort((a, b) => a - b);
  const places = new Map(times.map((time, place) => [time, place]));
  return since.map((time) => places.get(time)!);
}

function sortRows(m: Csr, compare: (a: number, b: number) => number): Csr {
  const order = Int32Array.from(m.indices.keys());
  for (let row = 0; row < m.rows; row++) order.subarray(m.indptr[row]!, m.indptr[row + 1]!).sort(compare);
  return {
    ...m,
    indices: order.map((p) => m.indices[p]!),
    values: Float32Array.from(order, (p) => m.values[p]!),
  };
}
