import type { Readable } from 'node:stream';

/**
 * Blobs under keys such as `models/movies/job_1/manifest.json`: models, checkpoints, reports, import files.
 * Keys are slash-separated names of [A-Za-z0-9._-], never `.` or `..`.
 */
export interface ArtifactStore {
  /** Puts the whole stream or nothing: a reader never sees half a blob. Durable when it returns. */
  put(key: string, body: Readable | Uint8Array): Promise<{ bytes: number; sha256: string }>;
  /** Rejects with problem('not-found') when there is no such blob. */
  get(key: string): Promise<Buffer>;
  /**
   * A stream from the first to the last byte of the range, both included.
   * Rejects with problem('not-found') when there is no such blob.
   */
  open(key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** All blobs of a folder with their sizes, ordered by key; none where there is no such folder. */
  list(prefix: string): Promise<{ key: string; bytes: number }[]>;
  /** `changedAt` is when it was last written, in milliseconds since 1970. */
  stat(key: string): Promise<{ bytes: number; changedAt: number } | null>;
  /**
   * Publishes several blobs as one folder, all or nothing: the folder is there when its manifest.json is, and then with all
   * its blobs. A folder that is there already is replaced only as a whole (a retried job writes the same artifact again).
   */
  putFolder(prefix: string, files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** A blob, or a folder with all that is in it; nothing happens when it is not there. */
  remove(key: string): Promise<void>;
}
