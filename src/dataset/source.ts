/** Where interactions come from, column-wise; the SQL store is one. Keys are positive integers of the source. */
export interface InteractionSource {
  scan(): AsyncIterable<SourceColumns>;
  dictionary(kind: 'users' | 'items' | 'types'): Promise<Map<number, string>>;
}

export interface SourceColumns {
  length: number;
  userKey: Int32Array;
  itemKey: Int32Array;
  typeKey: Int32Array;
  /** NaN where there is none. */
  value: Float64Array;
  /** Milliseconds, NaN where there is none. */
  timestamp: Float64Array;
}
