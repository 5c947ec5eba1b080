import type { InteractionColumns } from '../domain/data/interaction-source.ts';

/** Interactions in columns that may be longer than they are. */
export interface RowColumns {
  length: number;
  userKey: Int32Array;
  itemKey: Int32Array;
  /** Milliseconds, NaN where there is none. */
  timestamp: Float64Array;
  /** Place of each row among all that are stored, which decides between equal times. */
  arrival: Int32Array;
}

/** Columns that grow. */
export function createRows() {
  let capacity = 1 << 12;
  let length = 0;
  let userKey = new Int32Array(capacity);
  let itemKey = new Int32Array(capacity);
  let timestamp = new Float64Array(capacity);
  let arrival = new Int32Array(capacity);

  /** Makes room for so many more rows; returns how many there is room for in all. */
  function reserve(more: number): number {
    if (length + more <= capacity) return capacity;
    capacity = Math.max(capacity * 2, length + more);
    const grown = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    userKey = grown(userKey, new Int32Array(capacity));
    itemKey = grown(itemKey, new Int32Array(capacity));
    timestamp = grown(timestamp, new Float64Array(capacity));
    arrival = grown(arrival, new Int32Array(capacity));
    return capacity;
  }

  return {
    reserve,
    capacity: () => capacity,
    /** Adds a row of the source; returns its place. */
    add(
      chunk: Pick<InteractionColumns, 'userKey' | 'itemKey' | 'timestamp'>,
      row: number,
      place: number,
    ): number {
      if (length === capacity) reserve(1);
      userKey[length] = chunk.userKey[row]!;
      itemKey[length] = chunk.itemKey[row]!;
      timestamp[length] = chunk.timestamp[row]!;
      arrival[length] = place;
      return length++;
    },
    columns: (): RowColumns => ({ length, userKey, itemKey, timestamp, arrival }),
  };
}

/** Rows of a data set by the keys of the source. */
export interface DenseIds {
  ids: string[];
  /** key -> dense integer, -1 where the key does not occur. */
  dense: Int32Array;
}
