/** No row. */
export const NONE = -1;

const LAST_CALL = 2 ** 32 - 1;

/** Which rows of a history speak of which item. Nothing is cleared between two calls: each knows its own marks. */
export function createTold(items: number) {
  let call = 0;
  const found = new Uint32Array(items);
  const seenIn = new Uint32Array(items);
  const likingIn = new Uint32Array(items);
  /** The newest row of each item that was found, and of each item with liking the newest one that says so. */
  const newest = new Int32Array(items);
  const likedAt = new Int32Array(items);
  /** The oldest row of each item that was found, and of each row the next newer one of its item. */
  const oldest = new Int32Array(items);
  let newer = new Int32Array(1024);
  /** Items with liking by their newest liking, the others behind. */
  let liking: number[] = [];
  let others: number[] = [];
  let late: number[] = [];
  let seen: number[] = [];
  return {
    begin(): void {
      liking = [];
      others = [];
      late = [];
      seen = [];
      if (++call <= LAST_CALL) return;
      for (const marks of [found, seenIn, likingIn]) marks.fill(0);
      call = 1;
    },
    /** @param i rows come newest first */
    add(row: number, i: number, isLiking: boolean): void {
      if (i >= newer.length) newer = doubled(newer, i);
      newer[i] = found[row] === call ? oldest[row] : NONE;
      oldest[row] = i;
      if (found[row] !== call) {
        others.push(row);
        newest[row] = i;
      }
      found[row] = call;
      if (!isLiking || likingIn[row] === call) return;
      likingIn[row] = call;
      likedAt[row] = i;
      if (newest[row] !== i) late.push(row);
      liking.push(row);
    },
    see(row: number): void {
      if (seenIn[row] === call) return;
      seenIn[row] = call;
      seen.push(row);
    },
    oldest: (row: number) => oldest[row],
    newer: (i: number) => newer[i],
    /** Items of which something else was said after the newest liking. */
    late: (): readonly number[] => late,
    likedAt: (row: number) => likedAt[row],
    isLiking: (row: number) => likingIn[row] === call,
    /** Every item that was found, once. */
    *rows(): Generator<number> {
      yield* liking;
      for (const row of others) if (likingIn[row] !== call) yield row;
    },
    seenInto(out: Int32Array): number {
      out.set(seen);
      return seen.length;
    },
  };
}

function doubled(from: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(2 * from.length, least + 1));
  larger.set(from);
  return larger;
}
