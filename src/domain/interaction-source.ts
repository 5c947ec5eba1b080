/** Where training reads interactions from, column-wise; the SQL store is one. */
export interface InteractionSource {
  /** One consistent snapshot. Keys are positive integers of this source: see `dictionary`. */
  scan(): AsyncIterable<InteractionColumns>;
  dictionary(kind: 'users' | 'items' | 'types'): Promise<Map<number, string>>;
}

export interface InteractionColumns {
  length: number;
  userKey: Int32Array;
  itemKey: Int32Array;
  typeKey: Int32Array;
  /** NaN where there is none. */
  value: Float64Array;
  /** Milliseconds, NaN where there is none. */
  timestamp: Float64Array;
}
