import { type Readable, Transform } from 'node:stream';
import type { ImportSpec } from '../../domain/data/import.ts';
import type { NamedBytes } from '../../ingest/unpack/archive.ts';
import { unpacked } from '../../ingest/unpack/unpack.ts';
import { findFiles, type ImportPlaces } from './import-places.ts';

export interface ImportSource {
  /** The files one after the other, unpacked; each has to be read to its end before the next one comes. */
  files: AsyncIterable<NamedBytes>;
  /** Bytes that were read of the file as it was sent. */
  bytesRead(): number;
  /** Undefined where nobody says. */
  totalBytes: number | undefined;
  /** Lets go of the file; needed when reading ends early. */
  close(): void;
}

/**
 * The upload, the address or the files, unpacked where they are gzip, zstd, zip or tar: by name, or by their first
 * bytes. `spec.files` says which files of an archive are meant.
 */
export async function openImportSource(
  places: ImportPlaces,
  spec: ImportSpec,
  signal: AbortSignal,
): Promise<ImportSource> {
  const placed = await findFiles(places, spec, signal);
  // A file that is away is known before anything is read.
  const first = await placed[0]!.open();
  let bytesRead = 0;
  let current = first;

  async function* files() {
    for (const [i, { name, open }] of placed.entries()) {
      current = i === 0 ? first : await open();
      yield* filesIn(current, name);
    }
  }
  async function* filesIn(stream: Readable, name: string): AsyncGenerator<NamedBytes> {
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytesRead += chunk.length;
        done(null, chunk);
      },
    });
    stream.once('error', (error: Error) => counted.destroy(error));
    yield* unpacked({ name, bytes: stream.pipe(counted) }, spec, () => bytesRead);
  }
  const sizes = placed.map(({ bytes }) => bytes);
  return {
    files: files(),
    bytesRead: () => bytesRead,
    totalBytes: sizes.reduce(
      (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
      0,
    ),
    close: () => current.destroy(),
  };
}
