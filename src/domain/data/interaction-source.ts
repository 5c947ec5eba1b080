import type { StoredItem, StoredUser } from './catalogue.ts';

/** A source of interactions for training, column-wise. */
export interface InteractionSource {
  interactions(options?: ReadOptions): AsyncIterable<InteractionColumns>;
  /** The names behind the keys, which are positive integers of this source. */
  dictionary(kind: 'users' | 'items' | 'types'): Promise<Map<number, string>>;
}

/** All that training may read, as it was at one moment. */
export interface TrainingSource extends InteractionSource {
  /** Chunks in the order of storage. */
  interactions(options?: ReadOptions): AsyncIterable<InteractionColumns>;
  /** The catalogue in pages, with categories, labels and features; items that only interactions know are not in it. */
  items(): AsyncIterable<StoredItem[]>;
  /** Users with features, in pages. */
  users(): AsyncIterable<StoredUser[]>;
}

/** The SQL store is one. */
export interface Snapshots {
  /** Whatever is written meanwhile, all that `read` reads is of one moment. Nobody waits for it. */
  snapshot<T>(read: (source: TrainingSource) => Promise<T>): Promise<T>;
}

export interface ReadOptions {
  /** Most rows of a chunk. */
  chunkRows?: number;
  /** True: the columns have the context of each interaction. */
  withContext?: boolean;
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
  /** JSON, null where there is none; only where it was asked for. */
  context?: readonly (string | null)[];
}
